from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from common.db import DbSession
from common.errors import AppError, Forbidden, Unauthorized, problems
from common.idempotency import IdempotencyKey
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from money.errors import (
    AccountClosed,
    AccountFrozen,
    AccountNotFound,
    BalanceTooLarge,
    CurrencyMismatch,
    InsufficientFunds,
    LimitExceeded,
    PaymentNotFound,
    UnknownProvider,
)
from money.routes.access import KEYED, Reader, Writer, mark
from money.schemas.payments import (
    DepositCreate,
    DepositRead,
    Direction,
    PaymentRead,
    PaymentStatus,
    WithdrawalCreate,
    WithdrawalRead,
)
from money.service import payments

router = APIRouter(responses=problems(Unauthorized, Forbidden))

_PAYING: tuple[type[AppError], ...] = (*KEYED, UnknownProvider, AccountNotFound, AccountClosed, CurrencyMismatch)


@router.post("/deposits", status_code=201, responses=problems(*_PAYING, BalanceTooLarge))
async def create_deposit(order: DepositCreate, user: Writer, key: IdempotencyKey, response: Response) -> DepositRead:
    """Put money into one of your accounts through a payment provider. The sandbox's is play money, and there at once."""
    deposit, replayed = await payments.deposit(user.id, key, order)
    mark(response, replayed=replayed)
    return deposit


@router.post(
    "/withdrawals", status_code=201, responses=problems(*_PAYING, AccountFrozen, InsufficientFunds, LimitExceeded)
)
async def create_withdrawal(
    order: WithdrawalCreate, user: Writer, key: IdempotencyKey, response: Response
) -> WithdrawalRead:
    """Have money of one of your accounts paid out. It is held with its fee until the provider says what became of it."""
    withdrawal, replayed = await payments.withdraw(user.id, key, order)
    mark(response, replayed=replayed)
    return withdrawal


@router.get("/payments", responses=problems(InvalidCursor))
async def list_payments(
    user: Reader,
    session: DbSession,
    direction: Direction | None = None,
    status: PaymentStatus | None = None,
    account_id: Annotated[UUID | None, Query(description="Into or out of this account.")] = None,
    cursor: CursorQuery = None,
    limit: Limit = 20,
) -> Page[PaymentRead]:
    """Your deposits and withdrawals, newest first."""
    return await payments.list_all(session, user.id, direction, status, account_id, cursor, limit)


@router.get("/payments/{payment_id}", responses=problems(PaymentNotFound))
async def read_payment(payment_id: UUID, user: Reader, session: DbSession) -> PaymentRead:
    """One of your deposits or withdrawals."""
    return await payments.read(session, user.id, payment_id)
