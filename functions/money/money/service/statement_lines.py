"""The lines of a statement, read some at a time, in short transactions: what was booked is never changed, and a reader may be slow."""

from collections.abc import AsyncIterator
from datetime import UTC
from uuid import UUID

from sqlalchemy import String, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import transaction
from common.models.money import Account, Entry, Transaction
from money.standing import SIDES
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
        select(Entry, Transaction)
        .join(Transaction, Transaction.id == Entry.transaction_id)
        .where(
            Entry.account_id == statement.account_id,
            Entry.account_version > after,
            Entry.account_version <= min(after + _STRETCH, statement.last),
        )
        .order_by(Entry.account_version)
    )
    rows = (await session.execute(query)).all()
    others = await _counterparties(session, statement, [row.Entry.transaction_id for row in rows])
    return [
        Line(
            number=entry.account_version,
            transaction_id=entry.transaction_id,
            booked_at=entry.booked_at.astimezone(UTC),
            kind=transaction.kind,
            description=transaction.description,
            counterparty=others.get((entry.transaction_id, entry.side)),
            amount=entry.amount if entry.side == "credit" else -entry.amount,
            balance_after=entry.balance_after,
        )
        for entry, transaction in rows
    ]


async def _counterparties(
    session: AsyncSession, statement: Statement, transaction_ids: list[UUID]
) -> dict[tuple[UUID, str], UUID]:
    """People's accounts in the same transactions, by the side that faces them."""
    facing = case((cast(SIDES.c.side, String) == "debit", "credit"), else_="debit")
    query = (
        select(SIDES.c.transaction_id, facing.label("facing"), SIDES.c.account_id)
        .join(Account, Account.id == SIDES.c.account_id)
        .where(
            SIDES.c.transaction_id == func.any(transaction_ids),
            SIDES.c.account_id != statement.account_id,
            SIDES.c.currency == statement.currency,
            Account.owner_id.is_not(None),
        )
    )
    return {(row.transaction_id, row.facing): row.account_id for row in await session.execute(query)}
