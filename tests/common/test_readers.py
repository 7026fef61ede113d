"""The connections for reading: a crowd waits in line, and what dies is replaced without anybody's noticing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from psycopg.errors import UndefinedTable

from common.database_url import group_url
from common.errors import ServiceUnavailable
from common.readers import Readers
from common.settings import settings

PID = "SELECT pg_backend_pid()"


@pytest.fixture
async def readers(environment: None) -> AsyncIterator[Readers]:
    made = Readers("posts", group_url(settings(), "posts"))
    yield made
    await made.close()


async def _pids(readers: Readers, count: int) -> set[int]:
    asked = "SELECT pg_backend_pid() FROM pg_sleep(0.01)"
    return {rows[0][0] for rows in await asyncio.gather(*(readers.fetch(asked) for _ in range(count)))}


async def test_a_crowd_shares_as_many_connections_as_there_may_be(readers: Readers) -> None:
    assert len(await _pids(readers, 50)) == settings().database_pool_size


async def test_connections_that_died_idle_are_not_noticed(readers: Readers) -> None:
    before = await _pids(readers, 10)
    assert len(before) > 1
    other = Readers("posts", group_url(settings(), "posts"))
    await other.fetch("SELECT pg_terminate_backend(pid, 10000) FROM unnest(%s::int[]) AS pid", [list(before)])
    await other.close()
    after = await _pids(readers, 10)
    assert after
    assert not after & before


async def test_one_that_dies_at_work_is_a_503_and_the_next_is_fine(readers: Readers) -> None:
    (pid,) = (await readers.fetch(PID))[0]
    working = asyncio.create_task(readers.fetch("SELECT pg_terminate_backend(pg_backend_pid())"))
    with pytest.raises(ServiceUnavailable):
        await working
    assert (await readers.fetch(PID))[0][0] != pid


async def test_who_goes_away_half_way_leaves_nothing_of_theirs_behind(readers: Readers) -> None:
    for _ in range(20):
        gone = asyncio.create_task(readers.fetch("SELECT 'theirs' FROM pg_sleep(0.2)"))
        await asyncio.sleep(0.01)
        gone.cancel()
        assert (await readers.fetch("SELECT 'mine'"))[0][0] == "mine"
    assert len(await _pids(readers, 50)) == settings().database_pool_size


async def test_a_mistake_of_ours_is_not_called_unavailable(readers: Readers) -> None:
    with pytest.raises(UndefinedTable):
        await readers.fetch("SELECT * FROM posts.nothing")
    assert await readers.fetch(PID)


async def test_a_server_that_is_not_there_is_a_503(environment: None, tmp_path: Path) -> None:
    nowhere = Readers("posts", group_url(settings(), "posts").update_query_dict({"host": str(tmp_path)}))
    with pytest.raises(ServiceUnavailable):
        await nowhere.fetch(PID)
