"""Engine, session, and the one place that commits."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

from fastapi import Depends, Request
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from common.crowds import BoundedPool
from common.database_url import group_url
from common.errors import AppError
from common.secrets import read_secret
from common.settings import Group, settings

NOTICE_A_DEAD_NETWORK = {
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}
"""libpq's. Else a request waits for a quarter of an hour for an answer that cannot come."""
type Pool = Literal["main", "beside"]
_engines: dict[tuple[Group, Pool], AsyncEngine] = {}
_AFTER_COMMIT = "after_commit"


def engine(group: Group, pool: Pool = "main") -> AsyncEngine:
    """The group's pool, bound to the event loop that first uses it."""
    if (group, pool) not in _engines:
        _engines[group, pool] = _make_engine(group)
    return _engines[group, pool]


def _make_engine(group: Group) -> AsyncEngine:
    """Waiting for a connection is short and ends in a 503: a queue inside the pool would outlive its callers."""
    options = settings()
    made = create_async_engine(
        group_url(options, group),
        poolclass=BoundedPool,
        pool_size=options.database_pool_size,
        max_overflow=0,
        pool_timeout=3,
        pool_recycle=1800,
        pool_use_lifo=True,
        connect_args={"connect_timeout": 5, "application_name": f"artel-{group}", **NOTICE_A_DEAD_NETWORK},
    )
    arn = options.database_secret_arn
    if arn is not None:

        @event.listens_for(made.sync_engine, "do_connect")
        def _with_password(_dialect: Any, _record: Any, _args: Any, parameters: dict[str, Any]) -> None:
            # Blocks the loop once per connection: a sandbox on Lambda serves one request at a time.
            parameters["password"] = read_secret(arn)["password"]

    return made


type _Closing = Callable[[], Awaitable[None]]
_others: list[_Closing] = []


def close_with_engines(close: _Closing) -> None:
    """Something else that is bound to the event loop, and is to be closed when the pools are."""
    _others.append(close)


async def dispose_engines() -> None:
    """Close every pool, before the event loop they are bound to ends."""
    while _others:
        await _others.pop()()
    while _engines:
        _, made = _engines.popitem()
        await made.dispose()


@asynccontextmanager
async def transaction(group: Group, *, beside: bool = False) -> AsyncIterator[AsyncSession]:
    """A session that commits when the block ends and rolls back when it raises, unless the error says to keep.

    `beside`: short, and inside of another one. It has a pool of its own: if requests that hold a connection waited for
    a second one of the same pool, they would wait for each other.
    """
    async with AsyncSession(engine(group, "beside" if beside else "main"), expire_on_commit=False) as session:
        try:
            yield session
        except AppError as error:
            if error.keep:
                await _commit(session)
            raise
        await _commit(session)


async def _commit(session: AsyncSession) -> None:
    await session.commit()
    for work in session.info.pop(_AFTER_COMMIT, {}):
        await work()


def after_commit(session: AsyncSession, work: Callable[[], Awaitable[None]]) -> None:
    """Do it once this transaction is committed, before the reply, and never if it is not: caches are told this way.

    Named twice in one transaction, it is done once. It must not raise: what was committed stays.
    """
    session.info.setdefault(_AFTER_COMMIT, {})[work] = None


@asynccontextmanager
async def autocommit(group: Group) -> AsyncIterator[AsyncConnection]:
    """For single statements that need no transaction around them: each is one round trip and not three."""
    async with engine(group).connect() as connection:
        yield await connection.execution_options(isolation_level="AUTOCOMMIT")


async def _request_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with transaction(request.app.state.group) as session:
        yield session


DbSession = Annotated[AsyncSession, Depends(_request_session, scope="function")]
"""One request, one transaction. scope="function": the commit comes before the reply, so a failed one is never a 2xx."""
