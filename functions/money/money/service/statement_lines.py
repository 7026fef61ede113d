"""The lines of a statement, read some at a time, in short transactions: what was booked is never changed, and a reader may be slow."""

from collections.abc import AsyncIterator
from datetime import UTC

from sqlalchemy.ext.asyncio import AsyncSession

from common.db import transaction
from common.models.money import Entry
from money.service.accounts import ENTRIES
from money.statement import BooksDisagree, Line, Statement

_STRETCH = 1000


async def stretches(statement: Statement) -> AsyncIterator[list[Line]]:
    """The lines, oldest first, some at a time; each is checked to follow from the one before."""
    number, balance = statement.before, statement.opening
    while number < statement.last:
        async with transaction("money") as session:
            lines = await _lines(session, statement, number)
        for line in lines:
            statement.check(line, number, balance)
            number, balance = line.number, line.balance_after
        if not lines:
            raise BooksDisagree(f"account {statement.account_id}: entry {number + 1} is missing")
        yield lines


async def _lines(session: AsyncSession, statement: Statement, after: int) -> list[Line]:
    query = (
        ENTRIES.where(
            Entry.account_id == statement.account_id,
            Entry.account_version > after,
            Entry.account_version <= min(after + _STRETCH, statement.last),
        )
        .order_by(None)
        .order_by(Entry.account_version)
    )
    return [
        Line(
            number=row.Entry.account_version,
            transaction_id=row.Entry.transaction_id,
            booked_at=row.Entry.booked_at.astimezone(UTC),
            kind=row.Transaction.kind,
            description=row.Transaction.description,
            counterparty=row.counterparty,
            recipient=row.recipient,
            amount=row.Entry.amount if row.Entry.side == "credit" else -row.Entry.amount,
            balance_after=row.Entry.balance_after,
        )
        for row in await session.execute(query)
    ]
