"""Changing money from one of your accounts into another currency, by a quote that holds for a minute."""

from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.idempotency import Key
from common.models.money import Transaction
from common.models.money_exchange import Exchange, Quote
from common.pagination import Page, decode_cursor, page
from common.settings import settings
from money import ledger
from money.errors import ExchangeNotFound, QuoteExpired
from money.ledger import Outcome
from money.schemas.exchanges import ExchangeCreate, ExchangeRead, QuoteCreate, QuoteRead


async def quote(session: AsyncSession, owner: UUID, key: Key, order: QuoteCreate) -> tuple[QuoteRead, Outcome]:
    outcome = await ledger.call(
        session,
        "quote",
        key.request(owner, "quote", order),
        order.from_account_id,
        order.to_account_id,
        order.sell_amount,
        order.buy_amount,
        settings().environment != "prod",
    )
    made = await session.get(Quote, outcome.id("quote_id"))
    if made is None:  # a retry, more than a day later
        raise QuoteExpired
    return QuoteRead(id=made.id, expires_at=made.expires_at, created_at=made.created_at, **_bargain(made)), outcome


def _bargain(quote: Quote) -> dict[str, object]:
    """What an exchange has of its quote."""
    names = ("from_account_id", "to_account_id", "sell_amount", "sell_currency", "buy_amount", "buy_currency", "rate")
    return {name: getattr(quote, name) for name in names}


async def exchange(session: AsyncSession, owner: UUID, key: Key, order: ExchangeCreate) -> tuple[ExchangeRead, Outcome]:
    outcome = await ledger.call(session, "exchange", key.request(owner, "exchange", order), order.quote_id)
    return await read(session, owner, outcome.id("transaction_id")), outcome


def _of(owner: UUID) -> Select[Exchange, Quote, Transaction]:
    return (
        select(Exchange, Quote, Transaction)
        .join(Quote, Quote.id == Exchange.quote_id)
        .join(Transaction, Transaction.id == Exchange.transaction_id)
        .where(Exchange.owner_id == owner)
    )


async def read(session: AsyncSession, owner: UUID, exchange_id: UUID) -> ExchangeRead:
    row = (await session.execute(_of(owner).where(Exchange.transaction_id == exchange_id))).one_or_none()
    if row is None:
        raise ExchangeNotFound
    return _read(row)


def _read(row: Row[Exchange, Quote, Transaction]) -> ExchangeRead:
    made, quote, transaction = row
    return ExchangeRead(id=transaction.id, quote_id=made.quote_id, created_at=transaction.posted_at, **_bargain(quote))


async def list_all(session: AsyncSession, owner: UUID, cursor: str | None, limit: int) -> Page[ExchangeRead]:
    """Newest first."""
    query = _of(owner).order_by(Exchange.transaction_id.desc()).limit(limit + 1)
    if cursor:
        (before,) = decode_cursor(cursor, tuple[UUID])
        query = query.where(Exchange.transaction_id < before)
    rows = (await session.execute(query)).all()
    return page(rows, limit, _read, lambda row: [row.Exchange.transaction_id])
