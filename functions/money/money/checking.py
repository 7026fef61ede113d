"""The books are checked on a schedule, and whatever is wrong with them is an alarm.

An alarm is a line of the log with the field `alarm`, which a metric filter counts on AWS, and an error of the background work.
What was found last stands in money.checks for administrators.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import transaction
from common.models.money_rules import Check

_log = logging.getLogger("artel.money")
_VIOLATIONS = text("SELECT invariant, detail FROM money.violations() LIMIT 100")
_SEALS = text("SELECT checked_to, wrong, transaction_id, account_id FROM money.verify_seals(:first, :most)")
_BOOKS_EVERY = timedelta(minutes=15)
_CHAIN_EVERY = timedelta(hours=6)
_SEALS_AT_ONCE = 20_000
"""Some two seconds. A longer chain is looked through in several goes."""


class BooksAreWrong(Exception):
    """The ledger breaks one of its rules, or was altered. The log says where, with `alarm`."""


async def _take(session: AsyncSession, name: str) -> Check | None:
    """The check, if it is due and nobody else is at it."""
    due = select(Check).where(Check.name == name, Check.due_at <= func.now())
    return await session.scalar(due.with_for_update(skip_locked=True))


async def _found(session: AsyncSession, check: Check, again: timedelta, problems: Sequence[dict[str, Any]]) -> None:
    change = update(Check).where(Check.name == check.name)
    await session.execute(
        change.values(
            due_at=func.now() + again, checked_at=func.now(), position=check.position, problems=list(problems)
        )
    )


def _alarm(name: str, problems: Sequence[dict[str, Any]]) -> None:
    if problems:
        _log.error("the books are wrong", extra={"alarm": name, "problems": problems})
        raise BooksAreWrong(name)


async def check_books() -> None:
    """I1, I3, I4 and I6 to I10 over everything."""
    problems: list[dict[str, Any]] = []
    async with transaction("money") as session:
        check = await _take(session, "books")
        if check is None:
            return
        problems = [dict(row) for row in (await session.execute(_VIOLATIONS)).mappings()]
        await _found(session, check, _BOOKS_EVERY, problems)
    _alarm("books", problems)


async def check_seals() -> None:
    """The next part of the chain; the whole of it again after some hours. It stays at what is wrong."""
    problems: list[dict[str, Any]] = []
    async with transaction("money") as session:
        check = await _take(session, "seals")
        if check is None:
            return
        row = (await session.execute(_SEALS, {"first": check.position, "most": _SEALS_AT_ONCE})).one()
        complete = row.checked_to < check.position + _SEALS_AT_ONCE - 1
        if row.wrong:
            named = {"transaction_id": row.transaction_id, "account_id": row.account_id}
            problems = [{"detail": row.wrong} | {name: str(value) for name, value in named.items() if value}]
        else:
            check.position = 1 if complete else row.checked_to + 1
        await _found(session, check, _BOOKS_EVERY if problems else _CHAIN_EVERY if complete else timedelta(0), problems)
    _alarm("seals", problems)
