"""Reads that may be a moment old go to a streaming replica (DATABASE_REPLICA_URL) while it keeps up, else to the primary."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection

from common.db import autocommit
from common.settings import Group, settings

_LOOK_EVERY_S: Final = 1.0
_ANSWERS_IN_S: Final = 1.0
_WRITTEN = "SELECT pg_current_wal_lsn()::text"
_REPLAYED = "SELECT coalesce(pg_last_wal_replay_lsn() >= %s::pg_lsn, false)"
_log = logging.getLogger("artel.replica")


@dataclass
class Replica:
    """It keeps up if it has by now what the primary had written when somebody last looked.

    The time of the last transaction it replayed would not say: on a quiet database that is long ago. Looking is never
    waited for: a request that finds the last look old begins one, and goes by what was found before.
    """

    group: Group
    usable: bool = False
    _written: str | None = None
    _looked: float = float("-inf")
    _look: asyncio.Task[None] | None = None

    def ask(self) -> bool:
        if time.monotonic() - self._looked > _LOOK_EVERY_S and (self._look is None or self._look.done()):
            self._looked = time.monotonic()
            self._look = asyncio.create_task(self._see())
        return self.usable

    async def _see(self) -> None:
        try:
            async with asyncio.timeout(_ANSWERS_IN_S):
                usable = await self._keeps_up()
        except (DBAPIError, PoolTimeout, OSError, TimeoutError) as error:
            usable = False
            _log.warning("the replica does not answer", extra={"error": repr(error)})
        if usable != self.usable:
            _log.info("reads go elsewhere", extra={"to": "replica" if usable else "primary"})
        self.usable = usable

    async def _keeps_up(self) -> bool:
        before = self._written
        if before is not None:
            async with autocommit(self.group, "replica") as connection:
                replayed = bool((await connection.exec_driver_sql(_REPLAYED, (before,))).scalar_one())
        async with autocommit(self.group) as connection:
            self._written = str((await connection.exec_driver_sql(_WRITTEN)).scalar_one())
        return before is not None and replayed


@cache
def _replica(group: Group) -> Replica:
    return Replica(group)


async def read[Result](
    group: Group, statement: Callable[[AsyncConnection], Awaitable[Result]], *, fresh: bool
) -> Result:
    """`fresh`: it must show what was committed by now. A replica that fails in the middle is not asked again for a while."""
    if not fresh and settings().database_replica_url is not None and _replica(group).ask():
        try:
            async with autocommit(group, "replica") as connection:
                return await statement(connection)
        except (DBAPIError, PoolTimeout, OSError) as error:
            _log.warning("a read on the replica failed", extra={"error": repr(error)})
            _replica(group).usable = False
    async with autocommit(group) as connection:
        return await statement(connection)
