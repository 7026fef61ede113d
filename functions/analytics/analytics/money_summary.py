"""What came in and went out, by period and currency: from the sums by day, and what is not counted in them yet."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from analytics.errors import InvalidPeriod
from analytics.money_schemas import MoneyCohort, MoneyKind, MoneyPeriod, Turnover

LONGEST = timedelta(days=10 * 366)
_USUAL = timedelta(days=30)
type Every = Literal["day", "week", "month", "year"]

# One statement, so that one snapshot: nothing is counted twice or missed while it is being rolled up.
_MOVED = """moved AS (
        SELECT account_id, day, kind, inflow, outflow
        FROM analytics.money_daily WHERE account_id IN (SELECT id FROM chosen) AND day <= :last
        UNION ALL
        SELECT account_id, day, kind, greatest(amount, 0), greatest(-amount, 0)
        FROM analytics.moves_since((SELECT position FROM analytics.money_rolled))
        WHERE account_id IN (SELECT id FROM chosen) AND day <= :last
    )"""
_MINE = """WITH chosen AS (
        SELECT id, currency, exponent FROM money.accounts_for_analytics
        WHERE owner_id = :owner AND (CAST(:account AS uuid) IS NULL OR id = :account)
    ), """
_EVERYBODYS = """WITH chosen AS (
        SELECT id, owner_id, code, currency, exponent FROM money.accounts_for_analytics
    ), """
_PERIODS = text(f"""{_MINE}{_MOVED}
    SELECT
        CASE WHEN m.day >= :first THEN greatest(date_trunc(:every, m.day)::date, :first) END AS day, a.currency, a.exponent,
        sum(m.inflow)::bigint AS inflow, sum(m.outflow)::bigint AS outflow
    FROM moved AS m JOIN chosen AS a ON a.id = m.account_id
    GROUP BY 1, 2, 3 ORDER BY 1 NULLS FIRST, 2""")  # noqa: S608 - of constants
_KINDS = text(f"""{_MINE}{_MOVED}
    SELECT
        m.kind, a.currency, a.exponent, sum(m.inflow)::bigint AS inflow, sum(m.outflow)::bigint AS outflow
    FROM moved AS m JOIN chosen AS a ON a.id = m.account_id WHERE m.day >= :first
    GROUP BY 1, 2, 3 ORDER BY 2, 1""")  # noqa: S608 - of constants
_TURNOVER = text(f"""{_EVERYBODYS}{_MOVED}
    SELECT
        greatest(date_trunc(:every, m.day)::date, :first) AS day, a.currency, a.exponent,
        coalesce(sum(m.outflow) FILTER (WHERE a.owner_id IS NOT NULL), 0)::bigint AS turnover,
        coalesce(sum(m.inflow) FILTER (WHERE a.owner_id IS NOT NULL AND m.kind = 'deposit'), 0)::bigint AS deposits,
        coalesce(sum(m.outflow) FILTER (WHERE a.owner_id IS NOT NULL AND m.kind = 'withdrawal'), 0)::bigint AS withdrawals,
        coalesce(sum(m.inflow - m.outflow) FILTER (WHERE a.code LIKE 'fees:%'), 0)::bigint AS fees,
        count(DISTINCT a.owner_id) AS active_people
    FROM moved AS m JOIN chosen AS a ON a.id = m.account_id WHERE m.day >= :first
    GROUP BY 1, 2, 3 ORDER BY 1, 2""")  # noqa: S608 - of constants

# Whose money first moved in which month, and how many of them moved some in each month from then on.
_COHORTS = text(f"""{_EVERYBODYS}{_MOVED}, active AS (
        SELECT DISTINCT a.owner_id, date_trunc('month', m.day)::date AS month
        FROM moved AS m JOIN chosen AS a ON a.id = m.account_id WHERE a.owner_id IS NOT NULL
    ), firsts AS (SELECT owner_id, min(month) AS month FROM active GROUP BY owner_id)
    SELECT
        f.month, (12 * (extract(year FROM a.month) - extract(year FROM f.month))
            + extract(month FROM a.month) - extract(month FROM f.month))::integer AS later,
        count(*) AS people
    FROM active AS a JOIN firsts AS f ON f.owner_id = a.owner_id
    WHERE f.month >= date_trunc('month', CAST(:first AS date)) GROUP BY 1, 2 ORDER BY 1, 2""")  # noqa: S608 - of constants
_A_YEAR = timedelta(days=366)


def _period(first: date | None, last: date | None) -> dict[str, Any]:
    last = last or datetime.now(UTC).date()
    first = first or last - min(_USUAL, last - date.min)
    if not timedelta(0) <= last - first <= LONGEST:
        raise InvalidPeriod(f"The period ends before it begins or is longer than {LONGEST.days} days.")
    return {"first": first, "last": last}


async def by_period(
    session: AsyncSession, owner: UUID, account: UUID | None, first: date | None, last: date | None, every: Every
) -> list[MoneyPeriod]:
    """From `first` to `last`, both included, in UTC; the last 30 days if not given. An account of another person has none."""
    given = {"owner": owner, "account": account, "every": every} | _period(first, last)
    balances: dict[str, int] = {}
    items = []
    for row in await session.execute(_PERIODS, given):
        balances[row.currency] = balances.get(row.currency, 0) + row.inflow - row.outflow
        if row.day is not None:  # else it is all that was before
            items.append(MoneyPeriod(**row._mapping, balance=balances[row.currency]))  # noqa: SLF001 - its public name
    return items


async def by_kind(
    session: AsyncSession, owner: UUID, account: UUID | None, first: date | None, last: date | None
) -> list[MoneyKind]:
    given = {"owner": owner, "account": account} | _period(first, last)
    return [MoneyKind(**row._mapping) for row in await session.execute(_KINDS, given)]  # noqa: SLF001


async def turnover(session: AsyncSession, first: date | None, last: date | None, every: Every) -> list[Turnover]:
    """Of everybody, for administrators."""
    given = {"every": every} | _period(first, last)
    return [Turnover(**row._mapping) for row in await session.execute(_TURNOVER, given)]  # noqa: SLF001


async def cohorts(session: AsyncSession, first: date | None, last: date | None) -> list[MoneyCohort]:
    """Those of the months from `first` to `last`; of the last year if not given. A month in which nobody came is left out."""
    last = last or datetime.now(UTC).date()
    given = _period(first or last - min(_A_YEAR, last - date.min), last)
    found: dict[date, MoneyCohort] = {}
    for row in await session.execute(_COHORTS, given):
        cohort = found.setdefault(row.month, MoneyCohort(month=row.month, people=0, active=[]))
        cohort.active += [0] * (row.later - len(cohort.active)) + [row.people]
        cohort.people = cohort.active[0]
    return list(found.values())
