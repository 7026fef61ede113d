"""What administrators say a currency is worth in another one. Earlier rates are kept."""

from uuid import UUID

from sqlalchemy import cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Numeric

from common.models.money import Currency
from common.models.money_exchange import Rate
from common.pagination import Page, decode_cursor, page
from money.errors import SameCurrency, UnknownCurrency
from money.schemas.exchanges import RateRead, RateSet


async def set_rate(session: AsyncSession, actor: UUID, rate: RateSet) -> RateRead:
    if rate.base == rate.quote:
        raise SameCurrency
    known = select(func.count()).select_from(Currency).where(Currency.code.in_([rate.base, rate.quote]))
    if await session.scalar(known) != 2:  # noqa: PLR2004 - both of them
        raise UnknownCurrency
    values = (rate.base, rate.quote, cast(rate.rate, Numeric), cast(rate.spread, Numeric), rate.reason)
    made = await session.scalar(select(func.money.set_rate(actor, *values)))
    return RateRead.model_validate(await session.get_one(Rate, made))


async def rates(
    session: AsyncSession, currency: str | None, cursor: str | None, limit: int, *, ended: bool
) -> Page[RateRead]:
    """Newest first; `ended`: with those that are no longer in force."""
    query = select(Rate).order_by(Rate.id.desc()).limit(limit + 1)
    if not ended:
        query = query.where(Rate.ended_at.is_(None))
    if currency:
        query = query.where((Rate.base == currency) | (Rate.quote == currency))
    if cursor:
        (before,) = decode_cursor(cursor, tuple[UUID])
        query = query.where(Rate.id < before)
    rows = (await session.scalars(query)).all()
    return page(rows, limit, RateRead.model_validate, lambda rate: [rate.id])
