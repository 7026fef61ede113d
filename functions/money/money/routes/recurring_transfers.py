from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.idempotency import IdempotencyKey
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from money.errors import (
    AccountClosed,
    AccountNotFound,
    CurrencyMismatch,
    NoOccurrence,
    RecipientNotFound,
    RecurringTransferEnded,
    RecurringTransferNotFound,
    SameAccount,
    StartOutOfRange,
    TooManyRequests,
)
from money.routes.access import KEYED, Reader, Writer, mark
from money.schemas.recurring_transfers import (
    OrderStatus,
    RecurringTransferCreate,
    RecurringTransferRead,
    RecurringTransferUpdate,
    RecurringTransferWithRuns,
)
from money.service import recurring_transfers

router = APIRouter(prefix="/recurring-transfers", responses=problems(Unauthorized, Forbidden))


@router.post(
    "",
    status_code=201,
    responses=problems(
        *KEYED,
        AccountNotFound,
        AccountClosed,
        CurrencyMismatch,
        RecipientNotFound,
        SameAccount,
        StartOutOfRange,
        NoOccurrence,
        TooManyRequests,
    ),
)
async def create_recurring_transfer(
    order: RecurringTransferCreate, user: Writer, key: IdempotencyKey, session: DbSession, response: Response
) -> RecurringTransferWithRuns:
    """A standing order: the same transfer every day, week or month.

    What is refused on its date is tried again on the three days after; then the date is skipped, and after five skipped in a
    row the order is paused.
    """
    made, outcome = await recurring_transfers.create(session, user.id, key, order)
    mark(response, replayed=outcome.replayed)
    return made


@router.get("", responses=problems(InvalidCursor))
async def list_recurring_transfers(
    user: Reader,
    session: DbSession,
    status: Annotated[OrderStatus | None, Query()] = None,
    cursor: CursorQuery = None,
    limit: Limit = 20,
) -> Page[RecurringTransferRead]:
    """Your standing orders, newest first."""
    return await recurring_transfers.list_all(session, user.id, status, cursor, limit)


@router.get("/{order_id}", responses=problems(RecurringTransferNotFound))
async def read_recurring_transfer(order_id: UUID, user: Reader, session: DbSession) -> RecurringTransferWithRuns:
    """One of your standing orders, and what became of its last dates."""
    return await recurring_transfers.read(session, user.id, order_id)


@router.patch("/{order_id}", responses=problems(RecurringTransferNotFound, RecurringTransferEnded))
async def update_recurring_transfer(
    order_id: UUID, change: RecurringTransferUpdate, user: Writer, session: DbSession
) -> RecurringTransferWithRuns:
    """Another amount or description from the next payment on; pause it, or let it go on."""
    return await recurring_transfers.change(session, user.id, order_id, change)


@router.delete("/{order_id}", status_code=204, responses=problems(RecurringTransferNotFound, RecurringTransferEnded))
async def cancel_recurring_transfer(order_id: UUID, user: Writer, session: DbSession) -> None:
    """Cancel it for good. What it has paid stays paid."""
    await recurring_transfers.cancel(session, user.id, order_id)
