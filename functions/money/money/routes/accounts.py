from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.idempotency import IdempotencyKey
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from money.errors import AccountClosed, AccountFrozen, AccountNotEmpty, AccountNotFound, UnknownCurrency
from money.routes.access import KEYED, Reader, Writer, mark
from money.schemas.accounts import AccountCreate, AccountList, AccountRead, AccountUpdate, BalanceAt, EntryRead
from money.service import accounts

router = APIRouter(prefix="/accounts", responses=problems(Unauthorized, Forbidden))


@router.post("", status_code=201, responses=problems(*KEYED, UnknownCurrency))
async def open_account(
    order: AccountCreate, user: Writer, key: IdempotencyKey, session: DbSession, response: Response
) -> AccountRead:
    """Open an account in a currency."""
    account, outcome = await accounts.open_account(session, user.id, key, order)
    mark(response, replayed=outcome.replayed)
    return account


@router.get("")
async def list_accounts(user: Reader, session: DbSession) -> AccountList:
    """Your accounts with their balances."""
    return AccountList(items=await accounts.list_all(session, user.id))


@router.get("/{account_id}", responses=problems(AccountNotFound))
async def read_account(account_id: UUID, user: Reader, session: DbSession) -> AccountRead:
    """One of your accounts with its balance."""
    return await accounts.read(session, user.id, account_id)


@router.patch("/{account_id}", responses=problems(AccountNotFound))
async def update_account(account_id: UUID, change: AccountUpdate, user: Writer, session: DbSession) -> AccountRead:
    """Give it another name."""
    return await accounts.rename(session, user.id, account_id, change)


@router.post("/{account_id}/close", responses=problems(AccountNotFound, AccountNotEmpty, AccountFrozen, AccountClosed))
async def close_account(account_id: UUID, user: Writer, session: DbSession) -> AccountRead:
    """Close an empty account for good. Its history stays."""
    return await accounts.close(session, user.id, account_id)


@router.get("/{account_id}/balance", responses=problems(AccountNotFound))
async def read_balance(
    account_id: UUID,
    at: Annotated[AwareDatetime, Query(description="With a time zone, e.g. 2026-03-31T23:59:59Z.")],
    user: Reader,
    session: DbSession,
) -> BalanceAt:
    """What the account had at a moment."""
    return await accounts.balance_at(session, user.id, account_id, at)


@router.get("/{account_id}/entries", responses=problems(AccountNotFound, InvalidCursor))
async def list_entries(
    account_id: UUID, user: Reader, session: DbSession, cursor: CursorQuery = None, limit: Limit = 20
) -> Page[EntryRead]:
    """The account's history, newest first."""
    return await accounts.history(session, user.id, account_id, cursor, limit)
