from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.idempotency import IdempotencyKey
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from money.errors import (
    AccountClosed,
    AccountFrozen,
    AccountNotFound,
    BalanceTooLarge,
    CaptureTooLarge,
    CurrencyMismatch,
    HoldExpired,
    HoldNotFound,
    HoldResolved,
    InsufficientFunds,
    InvalidExpiry,
    LimitExceeded,
    OnlyThePayeeMayVoid,
    RecipientNotFound,
    SameAccount,
)
from money.routes.access import KEYED, Reader, Writer, mark
from money.schemas.holds import CaptureCreate, HoldCreate, HoldRead
from money.service import holds

router = APIRouter(prefix="/holds", responses=problems(Unauthorized, Forbidden))


@router.post(
    "",
    status_code=201,
    responses=problems(
        *KEYED,
        AccountNotFound,
        RecipientNotFound,
        SameAccount,
        CurrencyMismatch,
        InsufficientFunds,
        AccountFrozen,
        AccountClosed,
        LimitExceeded,
        InvalidExpiry,
    ),
)
async def create_hold(
    order: HoldCreate, user: Writer, key: IdempotencyKey, session: DbSession, response: Response
) -> HoldRead:
    """Promise money to another account: you cannot spend it, and the payee may take it, until the hold's time is over."""
    hold, outcome = await holds.create(session, user.id, key, order)
    mark(response, replayed=outcome.replayed)
    return hold


@router.get("", responses=problems(InvalidCursor))
async def list_holds(
    user: Reader,
    session: DbSession,
    account_id: Annotated[UUID | None, Query(description="On this account or in favour of it.")] = None,
    cursor: CursorQuery = None,
    limit: Limit = 20,
) -> Page[HoldRead]:
    """Holds on your accounts and in favour of them, newest first."""
    return await holds.list_all(session, user.id, account_id, cursor, limit)


@router.get("/{hold_id}", responses=problems(HoldNotFound))
async def read_hold(hold_id: UUID, user: Reader, session: DbSession) -> HoldRead:
    """A hold on one of your accounts or in favour of one."""
    return await holds.read(session, user.id, hold_id)


_RESOLVING = (*KEYED, HoldNotFound, HoldResolved, HoldExpired)


@router.post(
    "/{hold_id}/capture",
    responses=problems(*_RESOLVING, CaptureTooLarge, AccountFrozen, AccountClosed, BalanceTooLarge),
)
async def capture_hold(
    hold_id: UUID, order: CaptureCreate, user: Writer, key: IdempotencyKey, session: DbSession, response: Response
) -> HoldRead:
    """Take what is held, once, or less; the rest becomes free. For the payee, and for the payer, whose money it is."""
    hold, outcome = await holds.capture(session, user.id, key, hold_id, order)
    mark(response, replayed=outcome.replayed)
    return hold


@router.post("/{hold_id}/void", responses=problems(*_RESOLVING, OnlyThePayeeMayVoid))
async def void_hold(
    hold_id: UUID, user: Writer, key: IdempotencyKey, session: DbSession, response: Response
) -> HoldRead:
    """Let go of what is held. For the payee."""
    hold, outcome = await holds.void(session, user.id, key, hold_id)
    mark(response, replayed=outcome.replayed)
    return hold
