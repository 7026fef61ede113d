"""What came in and went out, by day and currency, from the one view of the money schema that analytics may read."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, column, func, select, table
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from analytics.errors import InvalidPeriod
from analytics.schemas import MoneyDay

LONGEST = timedelta(days=3 * 366)
_USUAL = timedelta(days=30)

_ENTRIES = table(
    "entries_for_analytics",
    *(column(name) for name in ("account_id", "owner_id", "currency", "exponent", "posted_at")),
    *(column(name, BigInteger) for name in ("amount", "balance_after", "account_version")),
    schema="money",
)


async def by_day(
    session: AsyncSession, owner: UUID, account: UUID | None, first: date | None, last: date | None
) -> list[MoneyDay]:
    """From `first` to `last`, both included, in UTC; the last 30 days if not given. An account of another person has none."""
    last = last or datetime.now(UTC).date()
    first = first or last - _USUAL
    if not timedelta(0) <= last - first <= LONGEST:
        raise InvalidPeriod(f"The period ends before it begins or is longer than {LONGEST.days} days.")
    mine = [_ENTRIES.c.owner_id == owner] + ([_ENTRIES.c.account_id == account] if account else [])
    balances = await _opening(session, mine, _midnight(first))
    return [_day(row, balances) for row in await _moved(session, mine, first, last)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


async def _opening(session: AsyncSession, mine: list[Any], before: datetime) -> dict[str, int]:
    """Balance by currency: of each account the one after its last entry, so its history is not added up."""
    newest = (
        select(_ENTRIES.c.account_id, _ENTRIES.c.currency, _ENTRIES.c.balance_after)
        .where(*mine, _ENTRIES.c.posted_at < before)
        .ext(distinct_on(_ENTRIES.c.account_id))
        .order_by(_ENTRIES.c.account_id, _ENTRIES.c.account_version.desc())
        .subquery()
    )
    totals = select(newest.c.currency, func.sum(newest.c.balance_after)).group_by(newest.c.currency)
    return {currency: int(balance) for currency, balance in await session.execute(totals)}


async def _moved(session: AsyncSession, mine: list[Any], first: date, last: date) -> list[Any]:
    day = func.date(func.timezone("UTC", _ENTRIES.c.posted_at)).label("day")
    amount = _ENTRIES.c.amount
    statement = (
        select(
            day,
            _ENTRIES.c.currency,
            func.max(_ENTRIES.c.exponent).label("exponent"),
            func.coalesce(func.sum(amount).filter(amount > 0), 0).label("inflow"),
            func.coalesce(-func.sum(amount).filter(amount < 0), 0).label("outflow"),
        )
        .where(
            *mine, _ENTRIES.c.posted_at >= _midnight(first), _ENTRIES.c.posted_at < _midnight(last + timedelta(days=1))
        )
        .group_by(day, _ENTRIES.c.currency)
        .order_by(day, _ENTRIES.c.currency)
    )
    return list(await session.execute(statement))


def _day(row: Any, balances: dict[str, int]) -> MoneyDay:
    """Keeps the running balance in `balances`."""
    inflow, outflow = int(row.inflow), int(row.outflow)
    balances[row.currency] = balances.get(row.currency, 0) + inflow - outflow
    return MoneyDay(
        day=row.day,
        currency=row.currency,
        exponent=row.exponent,
        inflow=inflow,
        outflow=outflow,
        balance=balances[row.currency],
    )
