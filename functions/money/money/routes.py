from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.identity import RequireScope, User
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from money import accounts, service
from money.errors import (
    AccountNotFound,
    BalanceTooLarge,
    CurrencyMismatch,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    InsufficientFunds,
    RecipientNotFound,
    SameAccount,
    TransferNotFound,
    UnknownCurrency,
)
from money.idempotency import IdempotencyKey
from money.ledger import REPLAYED, Outcome
from money.schemas import (
    AccountCreate,
    AccountList,
    AccountRead,
    DepositCreate,
    DepositRead,
    EntryRead,
    TransferCreate,
    TransferRead,
)

router = APIRouter(responses=problems(Unauthorized, Forbidden))

Reader = Annotated[User, RequireScope("money:read")]
Writer = Annotated[User, RequireScope("money:write")]


def _mark(response: Response, outcome: Outcome) -> None:
    if outcome.replayed:
        response.headers.update(REPLAYED)


@router.post(
    "/accounts", status_code=201, responses=problems(IdempotencyKeyMissing, IdempotencyKeyReused, UnknownCurrency)
)
async def open_account(
    order: AccountCreate, key: IdempotencyKey, user: Writer, session: DbSession, response: Response
) -> AccountRead:
    """Open an account in a currency."""
    account, outcome = await service.open_account(session, user.id, key, order)
    _mark(response, outcome)
    return account


@router.get("/accounts")
async def list_accounts(user: Reader, session: DbSession) -> AccountList:
    """Your accounts with their balances."""
    return AccountList(items=await accounts.list_all(session, user.id))


@router.get("/accounts/{account_id}", responses=problems(AccountNotFound))
async def read_account(account_id: UUID, user: Reader, session: DbSession) -> AccountRead:
    """One of your accounts with its balance."""
    return await accounts.read(session, user.id, account_id)


@router.get("/accounts/{account_id}/entries", responses=problems(AccountNotFound, InvalidCursor))
async def list_entries(
    account_id: UUID, user: Reader, session: DbSession, cursor: CursorQuery = None, limit: Limit = 20
) -> Page[EntryRead]:
    """The account's history, newest first."""
    return await accounts.history(session, user.id, account_id, cursor, limit)


@router.post(
    "/deposits",
    status_code=201,
    responses=problems(IdempotencyKeyMissing, IdempotencyKeyReused, AccountNotFound, CurrencyMismatch, BalanceTooLarge),
)
async def create_deposit(
    order: DepositCreate, key: IdempotencyKey, user: Writer, session: DbSession, response: Response
) -> DepositRead:
    """Put play money from the sandbox provider into one of your accounts."""
    deposit, outcome = await service.deposit(session, user.id, key, order)
    _mark(response, outcome)
    return deposit


@router.post(
    "/transfers",
    status_code=201,
    responses=problems(
        IdempotencyKeyMissing,
        IdempotencyKeyReused,
        AccountNotFound,
        RecipientNotFound,
        SameAccount,
        CurrencyMismatch,
        InsufficientFunds,
        BalanceTooLarge,
    ),
)
async def create_transfer(
    order: TransferCreate, key: IdempotencyKey, user: Writer, session: DbSession, response: Response
) -> TransferRead:
    """Move money from one of your accounts to any other account of the same currency."""
    transfer, outcome = await service.transfer(session, user.id, key, order)
    _mark(response, outcome)
    return transfer


@router.get("/transfers/{transfer_id}", responses=problems(TransferNotFound))
async def read_transfer(transfer_id: UUID, user: Reader, session: DbSession) -> TransferRead:
    """A transfer from or to one of your accounts."""
    return await service.read_transfer(session, user.id, transfer_id)
