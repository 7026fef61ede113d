"""Stripe. Deposits are PaymentIntents, which the page confirms with their client secret; withdrawals are Payouts of our balance.

Settings: STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRETS (comma-separated), STRIPE_API_BASE (for a stand-in). The library's calls block,
so they run in threads.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from common.settings import ConfigurationError
from money import signatures
from money.errors import UnreadableEvent
from money.provider import Declined, Direction, Event, Found, Movement, Order, Outcome, Unreachable, configured

if TYPE_CHECKING:
    import stripe

_TIMEOUT_S = 10
_RETRIES = 1
_LOOKED_THROUGH = 2000
"""Payments among which one is looked for whose answer never arrived. Stripe lists the newest first."""
_SKEW = timedelta(days=1)
_DIRECTIONS: dict[str, Direction] = {"payment_intent": "deposit", "payout": "withdrawal"}
_TIMES, _PARTS = {"ISK": 100, "UGX": 100}, {"MGA": 100}
"""Where Stripe's smallest unit is not ISO 4217's: https://docs.stripe.com/currencies#special-cases."""


@cache
def _client_of(key: str, base: str) -> "stripe.StripeClient":
    import stripe

    stripe.enable_telemetry = False
    http = stripe.RequestsClient(timeout=_TIMEOUT_S)
    addresses: Any = {"api": base} if base else {}
    return stripe.StripeClient(key, http_client=http, base_addresses=addresses, max_network_retries=_RETRIES)


def _client() -> "stripe.StripeClient":
    key = configured("STRIPE_SECRET_KEY")
    if not key:
        raise ConfigurationError("STRIPE_SECRET_KEY is not set: the secret key of a Stripe account")
    return _client_of(key, configured("STRIPE_API_BASE").rstrip("/"))


async def _call[**P, R](function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Raises Declined when Stripe has certainly not done it, Unreachable when that is not certain."""
    import stripe

    try:
        return await asyncio.to_thread(function, *args, **kwargs)
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        raise Declined(error.user_message or "Stripe declines this.") from error
    except stripe.StripeError as error:
        raise Unreachable(f"Stripe: {type(error).__name__} {error.http_status or ''}") from error


def to_stripe(amount: int, currency: str) -> int:
    """Raises Declined for an amount that Stripe has no number for."""
    amount, rest = divmod(amount * _TIMES.get(currency, 1), _PARTS.get(currency, 1))
    if rest:
        raise Declined(f"Stripe takes {currency} without its parts only.")
    return amount


def from_stripe(amount: int, currency: str) -> int:
    """A rest that our unit cannot carry is rounded away; it cannot come from a payment of ours."""
    return amount * _PARTS.get(currency, 1) // _TIMES.get(currency, 1)


async def create(order: Order) -> Found:
    made: Any = {
        "amount": to_stripe(order.amount, order.currency),
        "currency": order.currency.lower(),
        "metadata": {"payment_id": str(order.id)},
    }
    options: Any = {"idempotency_key": order.idempotency_key}
    api = _client().v1
    if order.direction == "deposit":
        return _found(await _call(api.payment_intents.create, made, options))
    if order.instrument:
        made["destination"] = order.instrument
    return _found(await _call(api.payouts.create, made, options))


async def find(order: Order) -> Found | None:
    try:
        found = await _call(_retrieve if order.reference else _look_through, order)
    except Declined:  # it says so of what does not exist
        return None
    return None if found is None else _found(found)


def _service(direction: Direction) -> Any:
    api = _client().v1
    return api.payment_intents if direction == "deposit" else api.payouts


def _retrieve(order: Order) -> Any:
    return _service(order.direction).retrieve(order.reference)


def _look_through(order: Order) -> Any:
    """Metadata can be searched for only some time after it was written, so the list is gone through."""
    listed = _service(order.direction).list({"limit": 100}).auto_paging_iter()
    for each in islice(listed, _LOOKED_THROUGH):
        if _payment_id(each.to_dict()) == order.id:
            return each
        if datetime.fromtimestamp(each.created, UTC) < order.created_at - _SKEW:
            break
    return None


class _Failure(BaseModel):
    message: str | None = None


class _Payment(BaseModel):
    """A PaymentIntent or a Payout."""

    id: str
    object: str
    status: str
    amount: int
    amount_received: int | None = None
    currency: str
    client_secret: str | None = None
    last_payment_error: _Failure | None = None
    failure_message: str | None = None


_STATUSES: dict[str, Outcome] = {
    "succeeded": "succeeded",
    "paid": "succeeded",
    "failed": "failed",
    "canceled": "canceled",
}


def _found(answer: Any) -> Found:
    return _read(_Payment.model_validate(answer.to_dict()))


def _read(payment: _Payment) -> Found:
    """An attempt that failed is a failure until a later one succeeds: the page may try again with the same secret."""
    status = _STATUSES.get(payment.status, "pending")
    failure = payment.failure_message
    if payment.last_payment_error and payment.status == "requires_payment_method":
        status, failure = "failed", payment.last_payment_error.message
    amount = payment.amount_received if status == "succeeded" and payment.amount_received else payment.amount
    currency = payment.currency.upper()
    return Found(payment.id, status, from_stripe(amount, currency), currency, failure, payment.client_secret)


def _payment_id(values: Mapping[str, Any]) -> UUID | None:
    given = (values.get("metadata") or {}).get("payment_id")
    try:
        return UUID(given) if isinstance(given, str) else None
    except ValueError:
        return None


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
    signatures.verify(headers.get("stripe-signature", ""), body, secrets)


class _Data(BaseModel):
    object: dict[str, Any]


class _Event(BaseModel):
    id: str
    type: str
    data: _Data


def parse(body: bytes) -> Event:
    """What the object says counts, not the event's type: one that is told of late says the same."""
    try:
        event = _Event.model_validate_json(body)
        about = event.data.object
        direction = _DIRECTIONS.get(str(about.get("object")))
        if direction is None:
            return Event(event.id, event.type)
        found = _read(_Payment.model_validate(about))
    except ValidationError:
        raise UnreadableEvent from None
    return Event(event.id, event.type, direction, _payment_id(about), found)


async def movements(since: datetime, until: datetime) -> AsyncIterator[Movement]:
    for line in await _call(_movements, since, until):
        yield line


def _movements(since: datetime, until: datetime) -> list[Movement]:
    """Stripe lists the newest first."""
    parameters: Any = {"limit": 100, "expand": ["data.source"]}
    listed: Iterable[Any] = _client().v1.balance_transactions.list(parameters).auto_paging_iter()
    found = []
    for each in listed:
        line = _movement(each.to_dict())
        if line.at < since:
            break
        if line.at < until:
            found.append(line)
    return found


def _movement(line: dict[str, Any]) -> Movement:
    source = line.get("source")
    about: dict[str, Any] = source if isinstance(source, dict) else {"id": source}
    currency = str(line["currency"]).upper()
    return Movement(
        id=line["id"],
        type=line["type"],
        amount=from_stripe(line["amount"], currency),
        fee=from_stripe(line["fee"], currency),
        currency=currency,
        reference=about.get("payment_intent") or about.get("id"),
        at=datetime.fromtimestamp(line["created"], UTC),
    )
