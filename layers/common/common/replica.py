"""Reads on a replica while it is alive and keeps up, else on the primary.

How old it is is measured without anybody's clock: once a second the primary says how far its log has come, and the replica
what it has replayed. It has all that was committed until the newest mark that it has replayed, so nobody is shown what is
older than MOST_LAG_S. `pg_last_xact_replay_timestamp` alone grows when nobody writes, and stands still on a replica that
lost its primary.
"""

import asyncio
import logging
import time
from collections import deque
from typing import Any

from common.database_url import group_url, replica_url
from common.db import close_with_engines
from common.errors import ServiceUnavailable
from common.readers import Readers, Rows
from common.settings import Group, settings

MOST_LAG_S = 3.0
_LOOK_EVERY_S = 1.0
_PATIENCE_S = 1.0
_PRIMARY = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint"
_REPLICA = "SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint WHERE pg_is_in_recovery()"
_log = logging.getLogger("artel.replica")


class Replica:
    """What this process knows of the group's replica. Until it has looked, and when in doubt: the primary."""

    def __init__(self, primary: Readers, replica: Readers) -> None:
        self._primary, self._replica = primary, replica
        self._marks: deque[tuple[float, int]] = deque(maxlen=60)
        self._looked = self._complete_until = float("-inf")
        self._primary_until = float("-inf")
        self._look: asyncio.Task[None] | None = None
        self._left: set[asyncio.Task[Rows]] = set()
        self.reads = 0

    async def fetch(self, statement: str, parameters: Any) -> Rows:
        """The rows of one read. What goes wrong on the replica is asked of the primary."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_EVERY_S:
            self._looked = now
            self._look = asyncio.create_task(self._see())
        if self._primary_until <= now < self._complete_until + MOST_LAG_S:
            rows = await self._within_patience(statement, parameters)
            if rows is not None:
                self.reads += 1
                return rows
            self._complete_until = float("-inf")
        return await self._primary.fetch(statement, parameters)

    def wrote(self) -> None:
        """This process has just committed: until the replica must have it, what is read here comes from the primary."""
        self._primary_until = time.monotonic() + MOST_LAG_S

    async def _within_patience(self, statement: str, parameters: Any = None) -> Rows | None:
        """None when it failed or took too long. It is then left to end by itself: cancelling waits for the server too."""
        from psycopg import Error

        asked = asyncio.create_task(self._replica.fetch(statement, parameters))
        self._left.add(asked)
        asked.add_done_callback(self._ended)
        await asyncio.wait([asked], timeout=_PATIENCE_S)
        if not asked.done():
            return None
        try:
            return asked.result()
        except (ServiceUnavailable, Error) as error:
            _log.warning(
                "the replica failed; reading from the primary", extra={"reason": str(error.__cause__ or error)}
            )
            return None

    def _ended(self, asked: "asyncio.Task[Rows]") -> None:
        self._left.discard(asked)
        if not asked.cancelled():
            asked.exception()  # nobody may wait for it any more

    async def _see(self) -> None:
        before = time.monotonic()
        try:
            self._marks.append((before, (await self._primary.fetch(_PRIMARY))[0][0]))
        except ServiceUnavailable:
            return  # whoever reads next finds out as well
        rows = await self._within_patience(_REPLICA)
        replayed = rows[0][0] if rows else None
        if replayed is None:
            self._complete_until = float("-inf")
            return
        while self._marks and self._marks[0][1] <= replayed:
            self._complete_until = self._marks.popleft()[0]


class Ways:
    """To one group's database: the primary, and the replica if DATABASE_REPLICA_URL names one."""

    def __init__(self, group: Group) -> None:
        self.primary = Readers(group, group_url(settings(), group))
        url = replica_url(settings(), group)
        self.second = Readers(group, url) if url is not None else None
        self.replica = Replica(self.primary, self.second) if self.second is not None else None

    async def close(self) -> None:
        await self.primary.close()
        if self.second is not None:
            await self.second.close()


_ways: dict[Group, Ways] = {}


def ways(group: Group) -> Ways:
    if group not in _ways:
        _ways[group] = Ways(group)
        close_with_engines(_close)
    return _ways[group]


async def _close() -> None:
    while _ways:
        await _ways.popitem()[1].close()


def wrote(group: Group) -> None:
    """This process has just committed."""
    replica = ways(group).replica
    if replica is not None:
        replica.wrote()


async def fetch(group: Group, statement: str, parameters: Any, *, newest: bool = False) -> Rows:
    """Rows of one read-only statement. `newest`: as the primary has them now."""
    known = ways(group)
    if newest or known.replica is None:
        return await known.primary.fetch(statement, parameters)
    return await known.replica.fetch(statement, parameters)
