from uuid import UUID

from fastapi import APIRouter, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.idempotency import IdempotencyKey
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from money.errors import (
    AccountClosed,
    AccountFrozen,
    AccountNotFound,
    AmountTooLarge,
    AmountTooSmall,
    BalanceTooLarge,
    ExchangeNotFound,
    InsufficientFunds,
    LimitExceeded,
    QuoteExpired,
    QuoteNotFound,
    QuoteUsed,
    RateMissing,
    SameCurrency,
)
from money.routes.access import KEYED, Reader, Writer, mark
from money.schemas.exchanges import ExchangeCreate, ExchangeRead, QuoteCreate, QuoteRead
from money.service import exchanges

router = APIRouter(responses=problems(Unauthorized, Forbidden))


@router.post(
    "/quotes",
    status_code=201,
    responses=problems(
        *KEYED,
        AccountNotFound,
        AccountClosed,
        SameCurrency,
        RateMissing,
        AmountTooSmall,
        AmountTooLarge,
        QuoteExpired,
    ),
)
async def create_quote(
    order: QuoteCreate, user: Writer, key: IdempotencyKey, session: DbSession, response: Response
) -> QuoteRead:
    """Ask what an exchange between two of your accounts would be. The offer holds for 60 seconds and moves nothing."""
    quote, outcome = await exchanges.quote(session, user.id, key, order)
    mark(response, replayed=outcome.replayed)
    return quote


@router.post(
    "/exchanges",
    status_code=201,
    responses=problems(
        *KEYED,
        QuoteNotFound,
        QuoteUsed,
        QuoteExpired,
        InsufficientFunds,
        LimitExceeded,
        AccountFrozen,
        AccountClosed,
        BalanceTooLarge,
    ),
)
async def create_exchange(
    order: ExchangeCreate, user: Writer, key: IdempotencyKey, session: DbSession, response: Response
) -> ExchangeRead:
    """Take a quote, once and before it expires: its two amounts are moved in one transaction."""
    exchange, outcome = await exchanges.exchange(session, user.id, key, order)
    mark(response, replayed=outcome.replayed)
    return exchange


@router.get("/exchanges", responses=problems(InvalidCursor))
async def list_exchanges(
    user: Reader, session: DbSession, cursor: CursorQuery = None, limit: Limit = 20
) -> Page[ExchangeRead]:
    """Your exchanges, newest first."""
    return await exchanges.list_all(session, user.id, cursor, limit)


@router.get("/exchanges/{exchange_id}", responses=problems(ExchangeNotFound))
async def read_exchange(exchange_id: UUID, user: Reader, session: DbSession) -> ExchangeRead:
    """One of your exchanges."""
    return await exchanges.read(session, user.id, exchange_id)
