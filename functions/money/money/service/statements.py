"""Statements of one's own accounts. What one costs depends on its period and not on the account's age.

None of it happens in the request's own transaction: a reader may be slow, and drawing pages takes its time, and neither is a
reason to keep a connection. What was booked is never changed, so it may be read in several transactions.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import text

from common.db import transaction
from money.errors import InvalidPeriod, StatementTooLong
from money.schemas.statements import Format, StatementRead
from money.service import accounts
from money.service.statement_lines import stretches
from money.statement import BooksDisagree, Line, Statement
from money.statement_files.amounts import Language

MOST_LINES: dict[Format, int] = {"json": 10_000, "xlsx": 10_000, "pdf": 2_000}
"""What can be made and sent in the time and size that one answer has on AWS. CSV is sent as it is read."""
_LONGEST = timedelta(days=366)
# In the account's direction people's money comes in by credits.
_FIGURES = text("""
    WITH period AS MATERIALIZED (
        SELECT money.version_at(:account, :before) AS before, money.version_at(:account, :last) AS last
    )
    SELECT
        p.before, p.last,
        coalesce((SELECT balance_after FROM money.entries WHERE account_id = :account AND account_version = p.before), 0)
            AS opening,
        coalesce((SELECT balance_after FROM money.entries WHERE account_id = :account AND account_version = p.last), 0)
            AS closing,
        count(e.*) AS found,
        coalesce(sum(e.amount) FILTER (WHERE e.side = 'credit'), 0)::bigint AS incoming,
        coalesce(sum(e.amount) FILTER (WHERE e.side = 'debit'), 0)::bigint AS outgoing
    FROM period AS p
    LEFT JOIN money.entries AS e
        ON e.account_id = :account AND e.account_version > p.before AND e.account_version <= p.last
    GROUP BY p.before, p.last""")
_FOLD = text("SELECT money.fold_hot(:account)")


def period(since: date | None, until: date | None, today: date) -> tuple[date, date]:
    """The first and the last day. The current month until today, unless asked otherwise."""
    last = until or max(today, since or today)
    first = since or last.replace(day=1)
    if not timedelta(0) <= last - first <= _LONGEST:
        raise InvalidPeriod
    return first, last


async def make(owner: UUID, account_id: UUID, since: date | None, until: date | None) -> Statement:
    now = datetime.now(UTC)
    first, last = period(since, until, now.date())
    async with transaction("money") as session:
        account = await accounts.read(session, owner, account_id)
        await session.execute(_FOLD, {"account": account_id})
        moments = {
            "before": datetime.combine(first, time.min, UTC) - timedelta(microseconds=1),
            "last": datetime.combine(last, time.max, UTC),
        }
        figures = (await session.execute(_FIGURES, {"account": account_id, **moments})).one()
    if figures.found != figures.last - figures.before:
        raise BooksDisagree(f"account {account_id}: {figures.found} entries from {first} to {last}")
    return Statement(
        account_id=account_id,
        name=account.name,
        currency=account.currency,
        exponent=account.exponent,
        since=first,
        until=last,
        made_at=now,
        before=figures.before,
        last=figures.last,
        opening=figures.opening,
        incoming=figures.incoming,
        outgoing=figures.outgoing,
        closing=figures.closing,
    )


async def _all_lines(statement: Statement, form: Format) -> list[Line]:
    most = MOST_LINES[form]
    if statement.count > most:
        raise StatementTooLong(
            f"The period has {statement.count} lines, and a statement as {form} takes {most}: ask for a shorter one, or for CSV."
        )
    return [line async for lines in stretches(statement) for line in lines]


async def read(statement: Statement) -> StatementRead:
    return StatementRead.model_validate(
        {name: getattr(statement, name) for name in statement.__slots__}
        | {"lines": await _all_lines(statement, "json")}
    )


def as_csv(statement: Statement, language: Language) -> AsyncIterator[str]:
    from money.statement_files import comma_separated

    return comma_separated.write(statement, stretches(statement), language)


async def as_file(statement: Statement, form: Format, language: Language) -> tuple[bytes, str]:
    """With its content type. Made in a thread, so that others are served meanwhile."""
    lines = await _all_lines(statement, form)
    if form == "xlsx":
        from money.statement_files import workbook

        return await asyncio.to_thread(partial(workbook.write, statement, lines, language)), workbook.CONTENT_TYPE
    from money.statement_files import document

    return await asyncio.to_thread(partial(document.write, statement, lines, language)), document.CONTENT_TYPE
