"""Payments for tests, and the sandbox's webhooks as they come from outside."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response

from money import signatures
from money.providers import sandbox
from tests.people import Person

DEPOSITS, WITHDRAWALS, PAYMENTS = "/v1/money/deposits", "/v1/money/withdrawals", "/v1/money/payments"
SECRET = "whsec_of_the_tests"

type Sql = Callable[..., list[Any]]


class Crashed(BaseException):
    """As when a process is killed: nothing after it runs."""


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox's webhooks are taken from outside too."""
    monkeypatch.setenv("SANDBOX_WEBHOOK_SECRETS", SECRET)


def order(account: str, amount: int, currency: str = "EUR", **other: Any) -> dict[str, Any]:
    return {"account_id": account, "amount": amount, "currency": currency, **other}


def message(payment: dict[str, Any], status: str, *, direction: str = "deposit", **other: Any) -> dict[str, Any]:
    """What the sandbox says of this payment."""
    number = UUID(payment["id"])
    values = {
        "id": f"evt_{number.hex}_{status}_by_hand",
        "type": f"{direction}.{status}",
        "reference": f"sbx_{number.hex}",
        "payment_id": str(number),
        "direction": direction,
        "status": status,
        "amount": payment["amount"],
        "currency": payment["currency"],
    }
    return {**values, **other}


async def deliver(
    client: AsyncClient, event: dict[str, Any], secret: str = SECRET, moment: int | None = None
) -> Response:
    body = json.dumps(event).encode()
    return await client.post(
        "/v1/money/webhooks/sandbox", content=body, headers={sandbox.HEADER: signatures.sign(secret, body, moment)}
    )


async def read(person: Person, payment: dict[str, Any]) -> dict[str, Any]:
    answer = await person.get(f"{PAYMENTS}/{payment['id']}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def make_due(sql: Sql, payment: dict[str, Any] | str) -> None:
    """As if the minute had passed after which others take it up."""
    number = payment if isinstance(payment, str) else payment["id"]
    sql("UPDATE money.payments SET due_at = now() WHERE id = %s", number)


def book(sql: Sql, purpose: str, currency: str) -> int:
    """What one of Artel's own accounts has."""
    found = sql("SELECT balance FROM money.standing WHERE code = %s", f"{purpose}:{currency}")
    return int(found[0][0]) if found else 0


def set_status(sql: Sql, account: str, status: str) -> None:
    refused = sql("SELECT money.set_status(uuidv7(), NULL, %s, %s, 'in a test')", account, status)
    assert refused == [(None,)]
