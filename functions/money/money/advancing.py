"""A payment goes from step to step, and each leaves a mark from which anybody can go on: created → pending → what became of it.

The provider is called outside of any transaction. It may be asked for the same payment twice and does it once.
"""

import asyncio
import logging
from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import case, func, select, update

from common.db import transaction
from common.models.money_payments import Payment
from money import alarms, inbox
from money.provider import Declined, Direction, Found, Order, Provider, Unreachable, provider

_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_DOUBLING = 9
"""Some eight hours between two looks."""
_DEPOSITS_ARE_ASKED_FOR = timedelta(days=7)
"""Somebody who has not paid by then is not going to. If they do all the same, a webhook or reconciliation says so."""
_ALARMED_AFTER = 10
"""Looks in some fourteen hours; payouts take days, so only one that the provider has not confirmed is worth an alarm."""

_log = logging.getLogger("artel.money")


async def advance(payment_id: UUID, *, again: bool = False) -> Payment:
    """From where it is, as far as it goes now. `again`: the provider may have been asked before. Raises Unreachable."""
    async with transaction("money") as session:
        payment = await session.get_one(Payment, payment_id)
    if payment.status not in ("created", "pending"):
        return payment
    order = Order(
        id=payment.id,
        direction=cast(Direction, payment.direction),
        amount=payment.amount,
        currency=payment.currency,
        instrument=payment.instrument,
        reference=payment.provider_reference,
        attempts=payment.attempts + again,
        created_at=payment.created_at,
    )
    try:
        found = await ask(provider(payment.provider), payment.status, order)
    except Declined as declined:
        await settle(payment, Found("", "failed", order.amount, order.currency, str(declined)))
        return payment
    await note(payment, found)
    for sent in found.deliveries:
        await inbox.process(await inbox.store(payment.provider, sent, (sent.secret,)))
    if found.status != "pending":
        await settle(payment, found)
    return payment


async def ask(source: Provider, status: str, order: Order) -> Found:
    """What the provider has of it. One that was begun and perhaps not sent is looked for first, and sent if it is not there."""
    found = await source.find(order) if status == "pending" or order.attempts else None
    if found is None and status == "pending":
        raise Unreachable(f"the provider knows nothing of {order.reference}")
    return found or await source.create(order)


async def note(payment: Payment, found: Found) -> None:
    async with transaction("money") as session:
        await session.execute(select(func.money.payment_sent(payment.id, found.reference, found.client_secret)))


async def settle(payment: Payment, found: Found) -> None:
    said = (found.reference or None, found.status, found.amount, found.currency, found.failure)
    async with transaction("money") as session:
        refused = await session.scalar(select(func.money.settle_payment(payment.id, *said)))
    alarms.of_settling(refused, provider=payment.provider, payment_id=str(payment.id))


async def _take() -> UUID | None:
    """The next payment that is due, put off so that nobody else takes it meanwhile."""
    due = (
        select(Payment.id)
        .where(Payment.due_at <= func.now())
        .order_by(Payment.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    over = (Payment.direction == "deposit") & (Payment.created_at < func.now() - _DEPOSITS_ARE_ASKED_FOR)
    later = func.now() + _FIRST_WAIT * func.power(2, func.least(Payment.attempts, _LONGEST_DOUBLING))
    async with transaction("money") as session:
        return await session.scalar(
            update(Payment)
            .where(Payment.id == due.scalar_subquery())
            .values(attempts=Payment.attempts + 1, due_at=case((over, None), else_=later))
            .returning(Payment.id)
        )


async def complete_due() -> int:
    """Take up what nobody finished: a process that was killed, a provider that was away. Returns how many were looked at."""
    seen = 0
    while (payment_id := await _take()) is not None:
        (outcome,) = await asyncio.gather(advance(payment_id), return_exceptions=True)
        if isinstance(outcome, Payment):
            _watch(outcome)
        elif isinstance(outcome, Unreachable):
            _log.warning("a provider does not answer: %s", outcome, extra={"payment_id": str(payment_id)})
        elif isinstance(outcome, Exception):
            alarms.raise_alarm(
                "payment_stuck", f"a payment cannot go on: {outcome!r}"[:500], payment_id=str(payment_id)
            )
        else:
            raise outcome
        seen += 1
    return seen


def _watch(payment: Payment) -> None:
    if payment.attempts >= _ALARMED_AFTER and payment.status == "created":
        alarms.raise_alarm("payment_stuck", "a provider has not confirmed a payment", payment_id=str(payment.id))
