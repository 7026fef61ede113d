"""Stripe, by its own library: against localstripe, which keeps payments, and against a fake that answers as it is told."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4, uuid5

import httpx
import pytest

from common.settings import ConfigurationError, settings
from money import advancing, signatures
from money.provider import Declined
from money.providers import stripe
from tests.chaos.parts import Server, free_port
from tests.conftest import CHECKOUT
from tests.money.fake_stripe import FakeStripe, fake_stripe
from tests.money.paying import DEPOSITS, PAYMENTS, WITHDRAWALS, Crashed, Sql, make_due, order, read
from tests.people import Person

pytestmark = pytest.mark.xdist_group("stripe")
SECRET = "whsec_of_localstripe"
CARD = {"type": "card", "card[exp_month]": "12", "card[exp_year]": "2040", "card[cvc]": "123"}


@pytest.fixture(autouse=True)
def nothing_is_left_to_do(sql: Sql) -> Iterator[None]:
    """Elsewhere nobody answers for Stripe."""
    yield
    sql("UPDATE money.payments SET due_at = NULL WHERE provider = 'stripe'")


@dataclass(frozen=True)
class LocalStripe:
    url: str

    async def call(self, method: str, path: str, **form: Any) -> dict[str, Any]:
        async with httpx.AsyncClient(auth=("sk_test_localstripe", "")) as client:
            answer = await client.request(method, f"{self.url}/v1/{path}", data=form or None)
        found: dict[str, Any] = answer.json()
        return found

    async def pays(self, client_secret: str, number: str = "4242424242424242") -> None:
        """What Stripe's part of the page does with the secret."""
        intent = client_secret.partition("_secret_")[0]
        method = await self.call("POST", "payment_methods", **CARD, **{"card[number]": number})
        await self.call("POST", f"payment_intents/{intent}", payment_method=method["id"])
        await self.call("POST", f"payment_intents/{intent}/confirm")

    async def payouts(self, payment: str) -> list[dict[str, Any]]:
        listed = await self.call("GET", "payouts?limit=1000")
        return [each for each in listed["data"] if each["metadata"].get("payment_id") == payment]


def _use(patch: pytest.MonkeyPatch, url: str) -> None:
    patch.setenv("PAYMENT_PROVIDERS", "sandbox,stripe")
    patch.setenv("STRIPE_SECRET_KEY", "sk_test_localstripe")
    patch.setenv("STRIPE_WEBHOOK_SECRETS", SECRET)
    patch.setenv("STRIPE_API_BASE", url)
    settings.cache_clear()


@pytest.fixture(scope="module")
async def local(database: str, loop_of_the_run: None) -> AsyncIterator[LocalStripe]:
    """localstripe, which tells our server what happened; both are processes of their own."""
    port = free_port()
    command = [sys.executable, "-m", "tests.money.stripe_side", str(port)]
    with pytest.MonkeyPatch.context() as patch, subprocess.Popen(command, cwd=CHECKOUT) as process:
        made = LocalStripe(f"http://127.0.0.1:{port}")
        _use(patch, made.url)
        server = Server(database)
        server.start()
        try:
            await server.ready()
            await _answers(made.url)
            hook = {"url": f"{server.url}/v1/money/webhooks/stripe", "secret": SECRET}
            async with httpx.AsyncClient() as client:
                assert (await client.post(f"{made.url}/_config/webhooks/artel", json=hook)).status_code == 200
            yield made
        finally:
            server.kill()
            process.kill()
    settings.cache_clear()


async def _answers(url: str) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(200):
            try:
                await client.get(f"{url}/v1/balance")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return
    raise TimeoutError(url)


async def _becomes(person: Person, payment: dict[str, Any], status: str) -> dict[str, Any]:
    """A webhook is on its way: localstripe sends it after a second."""
    for _ in range(150):
        found = await read(person, payment)
        if found["status"] == status:
            break
        await asyncio.sleep(0.1)
    assert found["status"] == status
    return found


async def test_a_deposit_is_paid_on_the_page_and_arrives_by_webhook(local: LocalStripe, ada: Person) -> None:
    account = await ada.account()
    made = (await ada.post(DEPOSITS, order(account, 700, provider="stripe"), "k")).json()
    assert (made["status"], made["balance_after"], made["provider"]) == ("pending", None, "stripe")
    assert (await ada.post(DEPOSITS, order(account, 700, provider="stripe"), "k")).json() == made
    await local.pays(made["client_secret"])
    await _becomes(ada, made, "succeeded")
    again = (await ada.post(DEPOSITS, order(account, 700, provider="stripe"), "k")).json()
    assert (again["id"], again["balance_after"], again["client_secret"]) == (made["id"], 700, None)
    assert await ada.balance(account) == 700


async def test_a_card_that_is_declined_is_told_and_moves_nothing(local: LocalStripe, ada: Person) -> None:
    account = await ada.account()
    made = (await ada.post(DEPOSITS, order(account, 700, provider="stripe"))).json()
    await local.pays(made["client_secret"], "4000000000000341")
    failed = await _becomes(ada, made, "failed")
    assert (failed["failure"], await ada.balance(account)) == ("Your card was declined.", 0)


@pytest.mark.parametrize(("status", "left", "outcome"), [("paid", 380, "succeeded"), ("failed", 500, "failed")])
async def test_a_withdrawal_is_a_payout(local: LocalStripe, ada: Person, status: str, left: int, outcome: str) -> None:
    account = await ada.account(500)
    made = (await ada.post(WITHDRAWALS, order(account, 120, provider="stripe", destination="ba_hers"))).json()
    assert (made["status"], made["balance_after"], await ada.balance(account)) == ("pending", None, 500)
    (payout,) = await local.payouts(made["id"])
    assert (payout["amount"], payout["currency"]) == (120, "eur")
    await local.call("POST", f"payouts/{payout['id']}", status=status)
    await _becomes(ada, made, outcome)
    found = (await ada.get(f"/v1/money/accounts/{account}")).json()
    assert (found["balance"], found["held"]) == (left, 0)


async def test_without_webhooks_the_schedule_asks(local: LocalStripe, ada: Person, sql: Sql) -> None:
    account = await ada.account(500)
    made = (await ada.post(WITHDRAWALS, order(account, 120, provider="stripe"))).json()
    (payout,) = await local.payouts(made["id"])
    await local.call("POST", f"payouts/{payout['id']}/cancel")
    make_due(sql, made)
    await advancing.complete_due()
    assert (await read(ada, made))["status"] == "canceled"
    assert await ada.balance(account) == 500


async def test_what_stripe_refuses_fails_at_once_and_holds_nothing(local: LocalStripe, ada: Person) -> None:
    """localstripe pays out euros only."""
    account = await ada.account(500, "USD")
    made = (await ada.post(WITHDRAWALS, order(account, 120, "USD", provider="stripe"))).json()
    assert (made["status"], made["failure"]) == ("failed", "Bad request")
    found = (await ada.get(f"/v1/money/accounts/{account}")).json()
    assert (found["balance"], found["held"]) == (500, 0)


@pytest.mark.parametrize("path", [DEPOSITS, WITHDRAWALS])
async def test_a_payment_whose_answer_was_lost_is_found_by_our_own_number(
    local: LocalStripe, ada: Person, sql: Sql, path: str
) -> None:
    """localstripe knows no idempotency keys: whoever asks twice pays twice."""
    account = await ada.account(500)
    real = stripe.create

    async def create_and_die(asked: Any) -> Any:
        await real(asked)
        raise Crashed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stripe, "create", create_and_die)
        with pytest.raises(Crashed):
            await ada.post(path, order(account, 120, provider="stripe"))
    lost = (await ada.get(f"{PAYMENTS}?status=created")).json()["items"][0]
    make_due(sql, lost)
    await advancing.complete_due()
    await _becomes(ada, lost, "pending")
    listed = await local.call("GET", f"{'payouts' if path == WITHDRAWALS else 'payment_intents'}?limit=1000")
    assert [each["metadata"].get("payment_id") for each in listed["data"]].count(lost["id"]) == 1


async def test_stripes_own_list_is_compared_with_ours(local: LocalStripe, ada: Person, boss: Person) -> None:
    account = await ada.account()
    made = (await ada.post(DEPOSITS, order(account, 701, provider="stripe"))).json()
    await local.pays(made["client_secret"])
    await _becomes(ada, made, "succeeded")
    answer = await boss.client.post("/v1/money/admin/reconciliation", json={"provider": "stripe"}, headers=boss.auth)
    (run,) = [each for each in answer.json()["items"] if each["currency"] == "EUR"]
    assert run["matched"] >= 1
    # localstripe has payouts on no list: they are all there is to complain of.
    assert {(line["reason"], line["reference"][:3]) for line in run["lines"]} <= {("ours_only", "po_")}


# A Stripe that does as it is told ---------------------------------------------------------------------------------------


@pytest.fixture
def fake(environment: None) -> Iterator[FakeStripe]:
    with fake_stripe() as made, pytest.MonkeyPatch.context() as patch:
        _use(patch, made.url)
        yield made
    settings.cache_clear()


@pytest.mark.parametrize("path", [DEPOSITS, WITHDRAWALS])
@pytest.mark.parametrize("status", [500, 503, 429, 401, 409])
async def test_an_answer_that_says_nothing_is_no_refusal_and_the_next_try_has_the_same_key(
    fake: FakeStripe, ada: Person, sql: Sql, path: str, status: int
) -> None:
    """Formance wallets #109: a retry that carries a new random value is another payment."""
    account = await ada.account(500)
    fake.status = status
    made = await ada.post(path, order(account, 120, provider="stripe"), "k")
    assert (made.status_code, made.json()["status"]) == (201, "created")
    again = (await ada.post(path, order(account, 120, provider="stripe"), "k")).json()
    assert again == made.json()
    fake.status = 200
    make_due(sql, again)
    await advancing.complete_due()
    assert (await read(ada, again))["status"] == "pending"
    direction = "deposit" if path == DEPOSITS else "withdrawal"
    assert len(fake.posts()) >= 2
    assert {asked.key for asked in fake.posts()} == {str(uuid5(UUID(again["id"]), direction))}
    assert {asked.form["metadata[payment_id]"] for asked in fake.posts()} == {again["id"]}
    held = (await ada.get(f"/v1/money/accounts/{account}")).json()["held"]
    assert held == (0 if path == DEPOSITS else 120)


async def test_a_stripe_that_is_away_leaves_the_payment_for_later(fake: FakeStripe, ada: Person) -> None:
    account = await ada.account(500)
    with pytest.MonkeyPatch.context() as patch:
        _use(patch, f"http://127.0.0.1:{free_port()}")
        made = (await ada.post(WITHDRAWALS, order(account, 120, provider="stripe"), "k")).json()
    assert made["status"] == "created"
    _ = fake


@pytest.mark.parametrize(("status", "code"), [(402, "card_declined"), (400, "balance_insufficient"), (404, "x")])
async def test_a_refusal_is_one(fake: FakeStripe, ada: Person, status: int, code: str) -> None:
    account = await ada.account(500)
    fake.status, fake.error = status, {"type": "invalid_request_error", "code": code, "message": "Not like this."}
    made = (await ada.post(WITHDRAWALS, order(account, 120, provider="stripe"))).json()
    assert (made["status"], made["failure"]) == ("failed", "Not like this.")
    assert (await ada.get(f"/v1/money/accounts/{account}")).json()["held"] == 0


async def test_a_key_that_is_missing_is_told_to_the_operator(ada: Person, fake: FakeStripe) -> None:
    account = await ada.account(500)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("STRIPE_SECRET_KEY")
        answer = await ada.post(WITHDRAWALS, order(account, 120, provider="stripe"))
    assert answer.status_code == 500
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("STRIPE_SECRET_KEY")
        with pytest.raises(ConfigurationError, match="STRIPE_SECRET_KEY"):
            stripe._client()


@pytest.mark.parametrize(
    ("currency", "ours", "theirs"),
    [("EUR", 1050, 1050), ("JPY", 500, 500), ("ISK", 5, 500), ("UGX", 5, 500), ("KWD", 5120, 5120), ("MGA", 500, 5)],
)
def test_stripes_smallest_unit_is_not_always_iso_4217s(currency: str, ours: int, theirs: int) -> None:
    assert stripe.to_stripe(ours, currency) == theirs
    assert stripe.from_stripe(theirs, currency) == ours


def test_what_stripe_has_no_number_for_is_declined() -> None:
    with pytest.raises(Declined):
        stripe.to_stripe(501, "MGA")


def test_our_signatures_are_stripes() -> None:
    from stripe import WebhookSignature

    body = b'{"id": "evt_1", "object": "event"}'
    assert WebhookSignature.verify_header(body.decode(), signatures.sign(SECRET, body), SECRET, 300)
    theirs = WebhookSignature.generate_signature_header(body.decode(), SECRET)
    signatures.verify(theirs, body, (SECRET,))


async def test_an_event_about_something_else_is_taken_and_left_alone(fake: FakeStripe, ada: Person, sql: Sql) -> None:
    event = {"id": f"evt_{uuid4().hex}", "type": "balance.available", "data": {"object": {"object": "balance"}}}
    body = json.dumps(event).encode()
    answer = await ada.client.post(
        "/v1/money/webhooks/stripe", content=body, headers={"Stripe-Signature": signatures.sign(SECRET, body)}
    )
    assert answer.status_code == 204
    done = sql("SELECT processed_at IS NOT NULL, problem FROM money.webhook_inbox WHERE event_id = %s", event["id"])
    assert done == [(True, None)]
