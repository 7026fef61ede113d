"""Connections that only read: psycopg's own, in autocommit, without SQLAlchemy between.

A page is one statement that is ready as text. SQLAlchemy's checkout, execution and return take longer than all the rest of
such a request, and so many readers may come that writers should not have to queue with them.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import URL

from common.crowds import refuse_if_crowded
from common.db import NOTICE_A_DEAD_NETWORK
from common.errors import ServiceUnavailable
from common.secrets import read_secret
from common.settings import Group, settings

if TYPE_CHECKING:
    from psycopg import AsyncConnection

_log = logging.getLogger("artel.readers")
_PATIENCE_S = 3.0

type Rows = Sequence[Any]


class _LostConnection(Exception):
    """It broke before or while it was asked."""


class Readers:
    """A pool of as many as DATABASE_POOL_SIZE, bound to the event loop that first uses it."""

    def __init__(self, group: Group, url: URL) -> None:
        self._group, self._url = group, url
        self._idle: list[AsyncConnection[Any]] = []
        self._places = asyncio.Semaphore(settings().database_pool_size)
        self._waiting = 0
        self._closed = False

    async def fetch(self, statement: str, parameters: Any = None) -> Rows:
        """503 when the server does not answer, or too many wait."""
        from psycopg import OperationalError

        await self._enter()
        try:
            return await self._fetch(statement, parameters)
        except (OperationalError, _LostConnection) as error:
            _log.warning("a read failed", extra={"reason": str(error)})
            raise ServiceUnavailable from error
        finally:
            self._places.release()

    async def close(self) -> None:
        """What is on its way is closed when it comes back."""
        self._closed = True
        await self._let_go()

    async def _let_go(self) -> None:
        while self._idle:
            await self._idle.pop().close()

    async def _enter(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        refuse_if_crowded(self._waiting)
        self._waiting += 1
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._places.acquire()
        except TimeoutError as error:
            raise ServiceUnavailable from error
        finally:
            self._waiting -= 1

    async def _fetch(self, statement: str, parameters: Any) -> Rows:
        if self._idle:
            try:
                return await self._on(self._idle.pop(), statement, parameters)
            except _LostConnection:
                # It died while nobody used it, and so did the others, likely. A read may be asked twice.
                await self._let_go()
        return await self._on(await self._connect(), statement, parameters)

    async def _on(self, connection: "AsyncConnection[Any]", statement: str, parameters: Any) -> Rows:
        from psycopg import OperationalError

        sound = False
        try:
            cursor = await connection.execute(statement, parameters, prepare=True)
            rows = await cursor.fetchall()
            sound = not self._closed
        except OperationalError as error:
            if connection.broken:
                raise _LostConnection(str(error)) from error
            raise
        else:
            return rows
        finally:
            # Of one that was cancelled half-way, or failed, nobody knows what it will say next.
            if sound:
                self._idle.append(connection)
            else:
                await connection.close()

    async def _connect(self) -> "AsyncConnection[Any]":
        from psycopg import AsyncConnection

        options = settings()
        password = self._url.password
        if options.database_secret_arn is not None:
            password = read_secret(options.database_secret_arn)["password"]
        address = self._url.set(drivername="postgresql", password=password).render_as_string(hide_password=False)
        network: dict[str, Any] = {**NOTICE_A_DEAD_NETWORK, "application_name": f"artel-{self._group}-reads"}
        connection = await AsyncConnection.connect(address, autocommit=True, connect_timeout=5, **network)
        # A page is the same walk along an index wherever it begins: to plan it each time would take as long as the walk.
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        return connection
