"""Background work on many things, each in a transaction of its own.

A killed worker leaves the rest to the next one, and what goes wrong with one thing is not the others' fault.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, TextClause

from common.db import transaction

_MOST = 200
"""Looked up at once."""


async def each(which: TextClause, what: TextClause) -> int:
    """`which` names things, up to `:most`; `what` is done with each and says whether it was. Until none are left, or all that
    are left are somebody else's at this moment. Returns how many were done. Raises an ExceptionGroup at the end."""
    done = 0
    problems: list[Exception] = []
    while True:
        async with transaction("money") as session:
            found = (await session.execute(which, {"most": _MOST})).all()
        outcomes = [await _try(what, row) for row in found]
        problems += [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        now = sum(outcome is True for outcome in outcomes)
        done += now
        if len(found) < _MOST or not now:
            break
    if problems:
        raise ExceptionGroup("background work failed", problems)
    return done


async def _try(what: TextClause, row: Row[Any]) -> bool | Exception:
    (outcome,) = await asyncio.gather(_do(what, row), return_exceptions=True)
    if isinstance(outcome, bool | Exception):
        return outcome
    raise outcome


async def _do(what: TextClause, row: Row[Any]) -> bool:
    values: Sequence[Any] = tuple(row)
    async with transaction("money") as session:
        return bool(await session.scalar(what, dict(zip(row._fields, values, strict=True))))
