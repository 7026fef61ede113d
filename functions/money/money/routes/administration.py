from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.idempotency import IdempotencyKey
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from money.errors import (
    AccountClosed,
    AccountNotEmpty,
    AccountNotFound,
    AdjustmentDecided,
    AdjustmentNotFound,
    AlreadyRefunded,
    AlreadyReversed,
    BalanceTooLarge,
    CurrencyMismatch,
    InsufficientFunds,
    OverdraftInUse,
    SecondPersonNeeded,
    TransferNotFound,
)
from money.routes.access import KEYED, Administrator, mark
from money.schemas.accounts import Status
from money.schemas.administration import (
    AccountRow,
    AccountSettings,
    ActionRead,
    AdjustmentCreate,
    AdjustmentRead,
    Because,
    Reversed,
)
from money.service import administration

router = APIRouter(prefix="/admin", responses=problems(Unauthorized, Forbidden))


@router.get("/accounts", responses=problems(InvalidCursor))
async def list_all_accounts(
    _admin: Administrator,
    session: DbSession,
    owner_id: UUID | None = None,
    status: Status | None = None,
    *,
    own: Annotated[bool, Query(description="Only Artel's own: clearing, fees, liquidity …")] = False,
    cursor: CursorQuery = None,
    limit: Limit = 20,
) -> Page[AccountRow]:
    """Everybody's accounts, newest first."""
    return await administration.accounts(session, owner_id, status, cursor, limit, own=own)


@router.get("/accounts/{account_id}", responses=problems(AccountNotFound))
async def read_any_account(account_id: UUID, _admin: Administrator, session: DbSession) -> AccountRow:
    """Any account."""
    return await administration.account(session, account_id)


@router.patch("/accounts/{account_id}", responses=problems(AccountNotFound, OverdraftInUse))
async def configure_account(
    account_id: UUID, change: AccountSettings, admin: Administrator, session: DbSession
) -> AccountRow:
    """Set how far it may go below zero, and whether it is hot: one that many pay into at the same time."""
    return await administration.configure(session, admin.id, account_id, change)


@router.post("/accounts/{account_id}/freeze", responses=problems(AccountNotFound, AccountClosed))
async def freeze_account(account_id: UUID, why: Because, admin: Administrator, session: DbSession) -> AccountRow:
    """Let nothing leave it. What comes is still taken."""
    return await administration.set_status(session, admin.id, account_id, "frozen", why.reason)


@router.post("/accounts/{account_id}/unfreeze", responses=problems(AccountNotFound, AccountClosed))
async def unfreeze_account(account_id: UUID, why: Because, admin: Administrator, session: DbSession) -> AccountRow:
    """Undo a freeze."""
    return await administration.set_status(session, admin.id, account_id, "open", why.reason)


@router.post("/accounts/{account_id}/close", responses=problems(AccountNotFound, AccountNotEmpty))
async def close_any_account(account_id: UUID, why: Because, admin: Administrator, session: DbSession) -> AccountRow:
    """Close an empty account for good."""
    return await administration.set_status(session, admin.id, account_id, "closed", why.reason)


@router.post(
    "/transfers/{transfer_id}/reverse",
    status_code=201,
    responses=problems(*KEYED, TransferNotFound, AlreadyReversed, AlreadyRefunded, InsufficientFunds, AccountClosed),
)
async def reverse_any_transfer(
    transfer_id: UUID, why: Because, admin: Administrator, key: IdempotencyKey, session: DbSession, response: Response
) -> Reversed:
    """Undo anybody's transfer, with its fee, if the money is still there."""
    done, outcome = await administration.reverse(session, admin.id, key, transfer_id, why)
    mark(response, replayed=outcome.replayed)
    return done


@router.post("/adjustments", status_code=201, responses=problems(*KEYED, AccountNotFound, CurrencyMismatch))
async def propose_adjustment(
    order: AdjustmentCreate, admin: Administrator, key: IdempotencyKey, session: DbSession, response: Response
) -> AdjustmentRead:
    """Propose a correction of an account. Another administrator posts it."""
    adjustment, outcome = await administration.propose(session, admin.id, key, order)
    mark(response, replayed=outcome.replayed)
    return adjustment


@router.get("/adjustments", responses=problems(InvalidCursor))
async def list_adjustments(
    _admin: Administrator, session: DbSession, cursor: CursorQuery = None, limit: Limit = 20
) -> Page[AdjustmentRead]:
    """Corrections, newest first."""
    return await administration.adjustments(session, cursor, limit)


@router.post(
    "/adjustments/{adjustment_id}/approve",
    responses=problems(
        *KEYED,
        AdjustmentNotFound,
        AdjustmentDecided,
        SecondPersonNeeded,
        InsufficientFunds,
        BalanceTooLarge,
        AccountClosed,
    ),
)
async def approve_adjustment(
    adjustment_id: UUID, admin: Administrator, key: IdempotencyKey, session: DbSession, response: Response
) -> AdjustmentRead:
    """Post a correction that somebody else has proposed."""
    adjustment, outcome = await administration.decide(session, admin.id, key, adjustment_id, approve=True)
    mark(response, replayed=outcome.replayed)
    return adjustment


@router.post(
    "/adjustments/{adjustment_id}/reject",
    responses=problems(*KEYED, AdjustmentNotFound, AdjustmentDecided, SecondPersonNeeded),
)
async def reject_adjustment(
    adjustment_id: UUID, admin: Administrator, key: IdempotencyKey, session: DbSession, response: Response
) -> AdjustmentRead:
    """Turn down a correction that somebody else has proposed."""
    adjustment, outcome = await administration.decide(session, admin.id, key, adjustment_id, approve=False)
    mark(response, replayed=outcome.replayed)
    return adjustment


@router.get("/actions", responses=problems(InvalidCursor))
async def list_actions(
    _admin: Administrator,
    session: DbSession,
    subject: Annotated[UUID | None, Query(description="An account, transfer, rule or adjustment.")] = None,
    cursor: CursorQuery = None,
    limit: Limit = 20,
) -> Page[ActionRead]:
    """What administrators did with money, and why, newest first."""
    return await administration.actions(session, subject, cursor, limit)
