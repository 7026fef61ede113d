"""Engine, session, and the one place that commits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from common.database_url import group_url
from common.errors import AppError
from common.secrets import read_secret
from common.settings import GROUPS, Group, settings


@cache
def engine(group: Group) -> AsyncEngine:
    """The group's pool, bound to the event loop that first uses it.

    Waiting for a connection is short and ends in a 503: a queue inside the pool would outlive its callers.
    """
    options = settings()
    made = create_async_engine(
        group_url(options, group),
        pool_size=options.database_pool_size,
        max_overflow=0,
        pool_timeout=3,
        pool_recycle=1800,
        pool_use_lifo=True,
        pool_reset_on_return="rollback",
        connect_args={"connect_timeout": 5, "application_name": f"artel-{group}"},
    )
    arn = options.database_secret_arn
    if arn is not None:

        @event.listens_for(made.sync_engine, "do_connect")
        def _with_password(_dialect: Any, _record: Any, _args: Any, parameters: dict[str, Any]) -> None:
            # Blocks the loop once per connection: a sandbox on Lambda serves one request at a time.
            parameters["password"] = read_secret(arn)["password"]

    return made


async def dispose_engines() -> None:
    """Close every pool, before the event loop they are bound to ends."""
    if engine.cache_info().currsize:
        for group in GROUPS:
            if settings().database_url or settings().group_database_url(group):
                await engine(group).dispose()
    engine.cache_clear()


@asynccontextmanager
async def transaction(group: Group) -> AsyncIterator[AsyncSession]:
    """A session that commits when the block ends and rolls back when it raises, unless the error says to keep."""
    async with AsyncSession(engine(group), expire_on_commit=False) as session:
        try:
            yield session
        except AppError as error:
            if error.keep:
                await session.commit()
            raise
        await session.commit()


async def _request_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with transaction(request.app.state.group) as session:
        yield session


DbSession = Annotated[AsyncSession, Depends(_request_session, scope="function")]
"""One request, one transaction. scope="function": the commit comes before the reply, so a failed one is never a 2xx."""
