"""Who has just written something is shown what is there now, and not what a cache or a replica had a moment ago.

It is in the database because the next request may come to another process; the session is looked up there anyhow.
"""

from collections.abc import Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import autocommit
from common.gathering import Gathered

_NOTE = text("""INSERT INTO posts.writers AS w (person_id, wrote_at) VALUES (:person, clock_timestamp())
    ON CONFLICT (person_id) DO UPDATE SET wrote_at = excluded.wrote_at""")
_LATELY = """SELECT EXISTS (
        SELECT FROM posts.writers AS w WHERE w.person_id = asked.person AND w.wrote_at > clock_timestamp() - interval '5 s'
    ) FROM unnest(%s::uuid[]) WITH ORDINALITY AS asked (person, n) ORDER BY n"""
"""Longer than a page lives in any cache, and than a replica that is used lags."""


async def note(session: AsyncSession, person: UUID) -> None:
    await session.execute(_NOTE, {"person": person})


async def _look_up(people: Sequence[UUID]) -> Sequence[bool]:
    async with autocommit("posts") as connection:
        return [bool(row[0]) for row in await connection.exec_driver_sql(_LATELY, (list(people),))]


@cache
def _gathered() -> Gathered[UUID, bool]:
    return Gathered(_look_up, most=200, at_once=2)


async def wrote_lately(person: UUID) -> bool:
    return await _gathered()(person)
