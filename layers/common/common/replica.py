"""Reads on a replica while it is alive and keeps up, else on the primary.

How far it is behind is measured without anybody's clock: every second or so the primary says how far its log has come
(pg_current_wal_lsn), and the replica what it has replayed. It is as far behind as the oldest mark that it has not replayed is
old. `pg_last_xact_replay_timestamp` alone grows when nobody writes, and stands still on a replica that lost its primary.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from common.db import autocommit
from common.errors import ServiceUnavailable
from common.settings import Group, settings

MOST_LAG_S = 3.0
_LOOK_EVERY_S = 1.0
_BELIEVED_S = 2.0
"""After this long without a look, as on Lambda between requests, nobody knows how the replica is. So what is read from one is
as old as MOST_LAG_S and this together, and no older."""
_PATIENCE_S = 1.0
_PRIMARY = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"
_REPLICA = "SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint WHERE pg_is_in_recovery()"
_TROUBLE = (DBAPIError, OSError, PoolTimeout, ServiceUnavailable)
_log = logging.getLogger("artel.replica")

type Rows = Sequence[Any]


async def _ask(group: Group, statement: str, parameters: Any = None, *, replica: bool = False) -> Rows:
    async with autocommit(group, "replica" if replica else "main") as connection:
        return (await connection.exec_driver_sql(statement, parameters)).all()


class Replica:
    """What this process knows of the group's replica. Until it has looked, and when in doubt: the primary."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self._marks: deque[tuple[float, int]] = deque(maxlen=60)
        self._looked = self._good_until = float("-inf")
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
        if self._primary_until <= now < self._good_until:
            rows = await self._within_patience(statement, parameters)
            if rows is not None:
                self.reads += 1
                return rows
            self._good_until = float("-inf")
        return await _ask(self._group, statement, parameters)

    def wrote(self) -> None:
        """This process has just committed: until the replica must have it, what is read here comes from the primary."""
        self._primary_until = time.monotonic() + MOST_LAG_S + _BELIEVED_S

    async def _within_patience(self, statement: str, parameters: Any = None) -> Rows | None:
        """None when it failed or took too long. It is then left to end by itself: cancelling waits for the server too."""
        asked = asyncio.create_task(_ask(self._group, statement, parameters, replica=True))
        self._left.add(asked)
        asked.add_done_callback(self._ended)
        await asyncio.wait([asked], timeout=_PATIENCE_S)
        if not asked.done():
            return None
        try:
            return asked.result()
        except _TROUBLE as error:
            _log.warning("the replica failed; reading from the primary", extra={"reason": str(error)})
            return None

    def _ended(self, asked: "asyncio.Task[Rows]") -> None:
        self._left.discard(asked)
        if not asked.cancelled():
            asked.exception()  # nobody may wait for it any more

    async def _see(self) -> None:
        try:
            self._marks.append((time.monotonic(), (await _ask(self._group, _PRIMARY))[0][0]))
        except _TROUBLE:
            return  # whoever reads next finds out as well
        rows = await self._within_patience(_REPLICA)
        replayed = rows[0][0] if rows else None
        if replayed is None:
            self._good_until = float("-inf")
            return
        while self._marks and self._marks[0][1] <= replayed:
            self._marks.popleft()
        now = time.monotonic()
        lag_s = now - self._marks[0][0] if self._marks else 0.0
        self._good_until = now + _BELIEVED_S if lag_s < MOST_LAG_S else float("-inf")


@cache
def _replica(group: Group) -> Replica:
    return Replica(group)


def wrote(group: Group) -> None:
    if settings().database_replica_url is not None:
        _replica(group).wrote()


async def fetch(group: Group, statement: str, parameters: Any, *, newest: bool = False) -> Rows:
    """Rows of one read-only statement. `newest`: as the primary has them now."""
    if newest or settings().database_replica_url is None:
        return await _ask(group, statement, parameters)
    return await _replica(group).fetch(statement, parameters)
