"""What is switched on, and how another one is added."""

from pathlib import Path

import pytest

import money.providers
from common.settings import ConfigurationError, Settings, settings
from money.errors import UnknownProvider
from money.provider import Provider, configured, provider, webhook_secrets
from money.providers import sandbox, stripe
from tests.money.paying import DEPOSITS, WITHDRAWALS, order, read
from tests.people import Person

BOTH: tuple[Provider, ...] = (sandbox, stripe)
"""The type checker holds each file to what a provider is."""

PIGGY_BANK = """
from money import signatures
from money.provider import Declined, Event, Found, Movement

async def create(order):
    if order.direction == "withdrawal":
        raise Declined("It would have to be broken.")
    return Found(f"coin {order.id}", "succeeded", order.amount, order.currency)

async def find(order):
    return None

def verify(headers, body, secrets):
    signatures.verify(headers.get("piggy-signature", ""), body, secrets)

def parse(body):
    return Event(body.decode(), "oink")

async def movements(since, until):
    for line in ():
        yield line
"""


async def test_a_third_provider_is_one_file(ada: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "piggybank.py").write_text(PIGGY_BANK)
    monkeypatch.setattr(money.providers, "__path__", [*money.providers.__path__, str(tmp_path)])
    monkeypatch.setenv("PAYMENT_PROVIDERS", "piggybank, sandbox")
    settings.cache_clear()
    try:
        account = await ada.account()
        made = (await ada.post(DEPOSITS, order(account, 70))).json()
        assert (made["provider"], made["status"], made["balance_after"]) == ("piggybank", "succeeded", 70)
        broken = (await ada.post(WITHDRAWALS, order(account, 70))).json()
        assert (broken["status"], broken["failure"]) == ("failed", "It would have to be broken.")
        other = (await ada.post(DEPOSITS, order(account, 5, provider="sandbox"))).json()
        assert (await read(ada, other))["provider"] == "sandbox"
    finally:
        monkeypatch.undo()
        settings.cache_clear()


@pytest.mark.parametrize(
    ("where", "given", "switched_on"),
    [
        ("local", "", ("sandbox",)),
        ("dev", "stripe", ("stripe",)),
        ("prod", "", ()),
        ("prod", " stripe , sandbox,", ("stripe", "sandbox")),
    ],
)
def test_the_sandbox_is_there_unless_it_is_production(where: str, given: str, switched_on: tuple[str, ...]) -> None:
    options = Settings.model_validate({"environment": where, "payment_providers": given})
    assert options.providers == switched_on


@pytest.mark.parametrize("name", ["../sandbox", "Sandbox", "sandbox.x", "__init__"])
def test_a_name_that_is_no_file_of_a_provider_is_the_operators_mistake(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYMENT_PROVIDERS", name)
    settings.cache_clear()
    try:
        with pytest.raises(ConfigurationError, match="PAYMENT_PROVIDERS"):
            provider(name)
        with pytest.raises(UnknownProvider):
            provider("sandbox")
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_settings_come_from_the_secret_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"arn": {"STRIPE_WEBHOOK_SECRETS": "whsec_a, whsec_b", "STRIPE_SECRET_KEY": ""}}
    monkeypatch.setattr("money.provider.read_secret", kept.__getitem__)
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRETS", "whsec_of_the_environment")
    monkeypatch.setenv("STRIPE_SECRET_KEY", " sk_of_the_environment ")
    assert webhook_secrets("stripe") == ("whsec_of_the_environment",)
    monkeypatch.setenv("PAYMENT_SECRETS_ARN", "arn")
    settings.cache_clear()
    try:
        assert webhook_secrets("stripe") == ("whsec_a", "whsec_b")
        assert configured("STRIPE_SECRET_KEY") == "sk_of_the_environment"
    finally:
        monkeypatch.undo()
        settings.cache_clear()
