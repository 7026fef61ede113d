"""Money in and out through providers: one thing after the other, each in a transaction of its own."""

import logging
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import transaction
from common.idempotency import Key
from common.models.money import Entry
from common.models.money_payments import Payment
from common.pagination import Page, decode_cursor, page
from money import advancing, ledger
from money.errors import PaymentNotFound, UnknownProvider
from money.provider import Unreachable, enabled
from money.schemas.payments import (
    DepositCreate,
    DepositRead,
    Direction,
    PaymentRead,
    PaymentStatus,
    WithdrawalCreate,
    WithdrawalRead,
)

_log = logging.getLogger("artel.money")


async def deposit(owner: UUID, key: Key, order: DepositCreate) -> tuple[DepositRead, bool]:
    """With whether it is an earlier request's doing."""
    payment, balance_after, replayed = await _pay(owner, key, "deposit", order, order.method)
    read = DepositRead(
        id=payment.id,
        account_id=payment.account_id,
        amount=payment.amount,
        currency=payment.currency,
        status=payment.status,
        provider=payment.provider,
        balance_after=balance_after,
        client_secret=payment.client_secret,
        failure=payment.failure,
        created_at=payment.created_at,
    )
    return read, replayed


async def withdraw(owner: UUID, key: Key, order: WithdrawalCreate) -> tuple[WithdrawalRead, bool]:
    """With whether it is an earlier request's doing."""
    payment, balance_after, replayed = await _pay(owner, key, "withdrawal", order, order.destination)
    read = WithdrawalRead(
        id=payment.id,
        account_id=payment.account_id,
        amount=payment.amount,
        fee=payment.fee,
        currency=payment.currency,
        destination=payment.instrument,
        status=payment.status,
        provider=payment.provider,
        balance_after=balance_after,
        failure=payment.failure,
        created_at=payment.created_at,
    )
    return read, replayed


async def _pay(
    owner: UUID, key: Key, direction: Direction, order: DepositCreate | WithdrawalCreate, instrument: str | None
) -> tuple[Payment, int | None, bool]:
    """Begin it, or find what the key has begun, and take it as far as it goes. With the balance after it."""
    given = (order.account_id, order.amount, order.currency, _chosen(order.provider), instrument)
    async with transaction("money") as session:
        outcome = await ledger.call(session, f"begin_{direction}", key.request(owner, direction, order), *given)
    payment_id = outcome.id("payment_id")
    try:
        await advancing.advance(payment_id, again=outcome.replayed)
    except Unreachable as problem:  # what is begun is taken up again by the schedule
        _log.warning("a provider does not answer: %s", problem, extra={"payment_id": str(payment_id)})
    async with transaction("money") as session:
        payment = await session.get_one(Payment, payment_id)
        return payment, await _balance_after(session, payment), outcome.replayed


def _chosen(name: str | None) -> str:
    names = enabled()
    if not names or name not in (None, *names):
        raise UnknownProvider
    return name or names[0]


async def _balance_after(session: AsyncSession, payment: Payment) -> int | None:
    if payment.transaction_id is None:
        return None
    await session.execute(select(func.money.fold_hot(payment.account_id)))
    mine = (Entry.transaction_id == payment.transaction_id) & (Entry.account_id == payment.account_id)
    return await session.scalar(select(Entry.balance_after).where(mine))


async def read(session: AsyncSession, owner: UUID, payment_id: UUID) -> PaymentRead:
    found = await session.scalar(select(Payment).where(Payment.id == payment_id, Payment.owner_id == owner))
    if found is None:
        raise PaymentNotFound
    return PaymentRead.model_validate(found)


async def list_all(
    session: AsyncSession,
    owner: UUID,
    direction: Direction | None,
    status: PaymentStatus | None,
    account_id: UUID | None,
    cursor: str | None,
    limit: int,
) -> Page[PaymentRead]:
    """Newest first."""
    wanted: list[ColumnElement[bool]] = [Payment.owner_id == owner]
    if direction:
        wanted.append(Payment.direction == direction)
    if status:
        wanted.append(Payment.status == status)
    if account_id:
        wanted.append(Payment.account_id == account_id)
    if cursor:
        (before,) = decode_cursor(cursor, tuple[UUID])
        wanted.append(Payment.id < before)
    rows = (await session.scalars(select(Payment).where(*wanted).order_by(Payment.id.desc()).limit(limit + 1))).all()
    return page(rows, limit, PaymentRead.model_validate, lambda payment: [payment.id])
