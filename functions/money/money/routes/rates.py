from typing import Annotated

from fastapi import APIRouter, Query

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from money.errors import SameCurrency, UnknownCurrency
from money.routes.access import Administrator
from money.schemas.exchanges import RateRead, RateSet
from money.schemas.fields import Currency
from money.service import rates

router = APIRouter(prefix="/admin/rates", responses=problems(Unauthorized, Forbidden))


@router.put("", responses=problems(UnknownCurrency, SameCurrency))
async def set_rate(rate: RateSet, admin: Administrator, session: DbSession) -> RateRead:
    """Say what a currency is worth in another one, in both directions. Quotes given before keep their rate."""
    return await rates.set_rate(session, admin.id, rate)


@router.get("", responses=problems(InvalidCursor))
async def list_rates(
    _admin: Administrator,
    session: DbSession,
    currency: Annotated[Currency | None, Query(description="On either side.")] = None,
    *,
    ended: Annotated[bool, Query(description="With those that are no longer in force.")] = False,
    cursor: CursorQuery = None,
    limit: Limit = 20,
) -> Page[RateRead]:
    """Rates that administrators have set, newest first."""
    return await rates.rates(session, currency, cursor, limit, ended=ended)
