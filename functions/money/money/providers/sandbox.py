"""A bank inside the product, for everybody who has none: it gives and takes play money, at once and without a network.

It keeps books of its own and sends webhooks that are signed like a real provider's. What `instrument` a payment has decides
what becomes of it: `declined` fails, `pending` stays so, `slow` succeeds when somebody asks what has become of it, `lost` is done
but the answer never arrives. Anything else succeeds.
"""

import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import transaction
from common.models.money_payments import SandboxLine, SandboxOrder
from money import signatures
from money.errors import UnreadableEvent
from money.provider import Delivery, Direction, Event, Found, Movement, Order, Outcome, Unreachable, webhook_secrets

HEADER = "sandbox-signature"
_BECOMES: dict[str | None, tuple[Outcome, str | None]] = {
    "declined": ("failed", "The sandbox declines this, as you asked it to."),
    "pending": ("pending", None),
    "slow": ("pending", None),
}


@cache
def _own_secret() -> str:
    return secrets.token_hex(32)


def signing_secret() -> str:
    """What it signs with: without one that is configured, one that nobody outside of this process can know."""
    given = webhook_secrets("sandbox")
    return given[0] if given else _own_secret()


async def create(order: Order) -> Found:
    status, failure = _BECOMES.get(order.instrument, ("succeeded", None))
    async with transaction("money") as session:
        written = await session.scalar(
            insert(SandboxOrder)
            .values(
                payment_id=order.id,
                reference=f"sbx_{order.id.hex}",
                direction=order.direction,
                amount=order.amount,
                currency=order.currency,
                instrument=order.instrument,
                status=status,
                failure=failure,
            )
            .on_conflict_do_nothing()
            .returning(SandboxOrder.payment_id)
        )
        known = await session.get_one(SandboxOrder, order.id)
        if written and status == "succeeded":
            _book(session, known)
    if written and order.instrument == "lost":
        raise Unreachable("the sandbox has lost its answer")
    return _found(known)


async def find(order: Order) -> Found | None:
    async with transaction("money") as session:
        known = await session.get(SandboxOrder, order.id)
        if known is not None and (known.instrument, known.status) == ("slow", "pending"):
            ended = update(SandboxOrder).where(SandboxOrder.payment_id == order.id, SandboxOrder.status == "pending")
            if await session.scalar(ended.values(status="succeeded").returning(SandboxOrder.payment_id)):
                _book(session, known)
            await session.refresh(known)
    return None if known is None else _found(known)


def _book(session: AsyncSession, order: SandboxOrder) -> None:
    amount = order.amount if order.direction == "deposit" else -order.amount
    session.add(
        SandboxLine(
            id=f"line_{order.payment_id.hex}",
            type=order.direction,
            amount=amount,
            currency=order.currency,
            reference=order.reference,
        )
    )


class Message(BaseModel):
    """The body of its webhooks."""

    id: str
    type: str
    reference: str
    payment_id: UUID
    direction: Direction
    status: Outcome
    amount: int
    currency: str
    failure: str | None = None


def delivery(message: Message) -> Delivery:
    secret = signing_secret()
    body = json.dumps(message.model_dump(mode="json"), ensure_ascii=False).encode()
    return Delivery({HEADER: signatures.sign(secret, body)}, body, secret)


def _found(order: SandboxOrder) -> Found:
    """Its webhook says what became of it: the answer itself is only that it was taken."""
    message = Message(
        id=f"evt_{order.payment_id.hex}_{order.status}",
        type=f"{order.direction}.{order.status}",
        **{name: getattr(order, name) for name in Message.model_fields if name not in {"id", "type"}},
    )
    sent = () if order.status == "pending" else (delivery(message),)
    return Found(order.reference, "pending", order.amount, order.currency, deliveries=sent)


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
    signatures.verify(headers.get(HEADER, ""), body, secrets)


def parse(body: bytes) -> Event:
    try:
        message = Message.model_validate_json(body)
    except ValidationError:
        raise UnreadableEvent from None
    found = Found(message.reference, message.status, message.amount, message.currency, message.failure)
    return Event(message.id, message.type, message.direction, message.payment_id, found)


async def movements(since: datetime, until: datetime) -> AsyncIterator[Movement]:
    async with transaction("money") as session:
        lines = await session.scalars(select(SandboxLine).where(SandboxLine.at >= since, SandboxLine.at < until))
        found = lines.all()
    for line in found:
        yield Movement(line.id, line.type, line.amount, line.fee, line.currency, line.reference, line.at)
