"""Standing orders. What is done when their time has come stands in revision 0011, and in money.standing_orders."""

from datetime import UTC, datetime, time
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.idempotency import Key
from common.models.money_people import RecurringRun, RecurringTransfer
from common.pagination import Page, decode_cursor, page
from money import ledger
from money.errors import RecurringTransferNotFound, refusal
from money.ledger import Outcome
from money.schemas.recurring_transfers import (
    OrderStatus,
    RecurringTransferCreate,
    RecurringTransferRead,
    RecurringTransferUpdate,
    RecurringTransferWithRuns,
    RunRead,
)
from money.service.sending import address_key

_RUNS = 10


async def create(
    session: AsyncSession, owner: UUID, key: Key, order: RecurringTransferCreate
) -> tuple[RecurringTransferWithRuns, Outcome]:
    request = key.request(owner, "recurring_transfer", order)
    whom = (order.to_account_id, order.recipient or "", order.to_handle, address_key(order.to_email))
    what = (order.amount, order.currency, order.description)
    when = (order.every, order.anchor_on or order.start_on, order.hour, order.start_on, order.end_on, order.times)
    outcome = await ledger.call(session, "order_recurring", request, order.from_account_id, *whom, *what, *when)
    return await read(session, owner, outcome.id("recurring_transfer_id")), outcome


async def change(
    session: AsyncSession, owner: UUID, order_id: UUID, wanted: RecurringTransferUpdate
) -> RecurringTransferWithRuns:
    given = wanted.model_dump(exclude_unset=True)
    await _change(session, owner, order_id, given.get("amount"), given.get("description"), given.get("status"))
    return await read(session, owner, order_id)


async def cancel(session: AsyncSession, owner: UUID, order_id: UUID) -> None:
    await _change(session, owner, order_id, None, None, "canceled")


async def _change(
    session: AsyncSession, owner: UUID, order_id: UUID, amount: int | None, description: str | None, status: str | None
) -> None:
    changed = func.money.change_recurring(owner, order_id, amount, description, status)
    refused = await session.scalar(select(changed))
    if refused is not None:
        raise refusal(refused)


async def read(session: AsyncSession, owner: UUID, order_id: UUID) -> RecurringTransferWithRuns:
    mine = (RecurringTransfer.id == order_id, RecurringTransfer.owner_id == owner)
    found = await session.scalar(select(RecurringTransfer).where(*mine))
    if found is None:
        raise RecurringTransferNotFound
    last = (
        select(RecurringRun)
        .where(RecurringRun.recurring_transfer_id == order_id)
        .order_by(RecurringRun.scheduled_on.desc())
        .limit(_RUNS)
    )
    runs = [_run(run) for run in await session.scalars(last)]
    return RecurringTransferWithRuns(**_read(found).model_dump(), runs=runs)


async def list_all(
    session: AsyncSession, owner: UUID, status: OrderStatus | None, cursor: str | None, limit: int
) -> Page[RecurringTransferRead]:
    """Newest first."""
    query = select(RecurringTransfer).where(RecurringTransfer.owner_id == owner)
    if status is not None:
        query = query.where(RecurringTransfer.status == status)
    if cursor:
        (before,) = decode_cursor(cursor, tuple[UUID])
        query = query.where(RecurringTransfer.id < before)
    rows = (await session.scalars(query.order_by(RecurringTransfer.id.desc()).limit(limit + 1))).all()
    return page(rows, limit, _read, lambda order: [order.id])


def _read(order: RecurringTransfer) -> RecurringTransferRead:
    next_on = order.next_on if order.status == "active" else None
    return RecurringTransferRead(
        id=order.id,
        from_account_id=order.from_account_id,
        to_account_id=order.to_account_id,
        recipient=order.recipient or None,
        amount=order.amount,
        currency=order.currency,
        description=order.description,
        every=order.every,
        anchor_on=order.anchor_on,
        start_on=order.start_on,
        hour=order.hour,
        end_on=order.end_on,
        times=order.times,
        status=order.status,
        next_run_at=datetime.combine(next_on, time(order.hour), UTC) if next_on else None,
        created_at=order.created_at,
    )


def _run(run: RecurringRun) -> RunRead:
    return RunRead(
        scheduled_on=run.scheduled_on,
        status=run.status,
        attempts=run.attempts,
        refused=run.refused,
        transfer_id=run.transfer_id,
        next_attempt_at=run.try_at,
    )
