"""Reads on a streaming replica: paused, hung, gone and back. Nothing older than the limit is shown, and reads go on."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import psycopg
import pytest
from httpx import AsyncClient
from sqlalchemy.engine import make_url

from common import replica
from common.settings import settings
from tests.people import Person
from tests.standby import Standby, standby

pytestmark = pytest.mark.xdist_group("standby")

POSTS = "/v1/posts"


@pytest.fixture(scope="module")
def second(database: str) -> Iterator[Standby]:
    with standby(str(make_url(database).query["host"])) as made:
        yield made


@pytest.fixture
async def following(
    second: Standby, database: str, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Standby]:
    """The service reads there, and everything that takes seconds takes less."""
    for name, value in (("MOST_LAG_S", 0.6), ("_LOOK_EVERY_S", 0.05), ("_PATIENCE_S", 0.2)):
        monkeypatch.setattr(replica, name, value)
    monkeypatch.setenv("DATABASE_REPLICA_URL", second.url(str(make_url(database).database)))
    settings.cache_clear()
    await replica._close()
    yield second
    await replica._close()
    monkeypatch.undo()
    settings.cache_clear()


def behind_its_back(connection: psycopg.Connection, author: UUID, title: str) -> None:
    """A post by another process: this one does not know that anything was written."""
    connection.execute("SET ROLE artel_owner")
    connection.execute(
        """INSERT INTO posts.posts (slug, author_id, title, body, html, excerpt, published_at)
        VALUES (%s, %s, %s, 'b', 'b', 'b', now())""",
        [secrets.token_hex(8), author, title],
    )


async def titles(client: AsyncClient, author: Person, **headers: str) -> list[str]:
    answer = await client.get(f"{POSTS}?author={author.id}", headers=headers)
    assert answer.status_code == 200, answer.text
    return [post["title"] for post in answer.json()["items"]]


def _read_there() -> int:
    found = replica.ways("posts").replica
    assert found is not None
    return found.reads


async def until_it_is_used(client: AsyncClient, author: Person) -> None:
    before = _read_there()
    async with asyncio.timeout(60):
        while _read_there() == before:
            await titles(client, author)
            await asyncio.sleep(0.02)


async def until_it_is_not(client: AsyncClient, author: Person) -> None:
    async with asyncio.timeout(60):
        while True:
            before = _read_there()
            await titles(client, author)
            if _read_there() == before:
                return
            await asyncio.sleep(0.02)


async def test_reads_go_to_the_replica_and_leave_it_when_it_lags(
    client: AsyncClient, ada: Person, following: Standby, owner_connection: psycopg.Connection
) -> None:
    await until_it_is_used(client, ada)
    following.pause()
    try:
        behind_its_back(owner_connection, ada.id, "Unseen")
        assert await titles(client, ada) == []  # it did come from there
        assert await titles(client, ada, **ada.auth) == ["Unseen"]
        await until_it_is_not(client, ada)
        assert await titles(client, ada) == ["Unseen"]
    finally:
        following.resume()
    await until_it_is_used(client, ada)
    assert await titles(client, ada) == ["Unseen"]


async def test_an_idle_primary_is_no_lag(client: AsyncClient, ada: Person, following: Standby) -> None:
    await until_it_is_used(client, ada)
    await asyncio.sleep(1)  # longer than the limit
    await titles(client, ada)  # looks again
    await until_it_is_used(client, ada)


async def test_what_a_process_wrote_it_shows_though_the_replica_has_it_not(
    client: AsyncClient, ada: Person, following: Standby
) -> None:
    await until_it_is_used(client, ada)
    following.pause()
    try:
        made = await client.post(POSTS, json={"title": "Mine", "body": "b"}, headers=ada.auth)
        for _ in range(20):
            assert await titles(client, ada) == ["Mine"]
            await asyncio.sleep(0.1)
        await client.delete(f"{POSTS}/{made.json()['id']}", headers=ada.auth)
        assert await titles(client, ada) == []
    finally:
        following.resume()


async def test_a_replica_that_crashed_is_left_and_found_again(
    client: AsyncClient, ada: Person, following: Standby, owner_connection: psycopg.Connection
) -> None:
    await until_it_is_used(client, ada)
    following.stop()
    behind_its_back(owner_connection, ada.id, "While it was gone")
    for _ in range(10):
        assert await titles(client, ada) == ["While it was gone"]
        await asyncio.sleep(0.03)
    following.start()
    await until_it_is_used(client, ada)
    assert await titles(client, ada) == ["While it was gone"]


async def test_a_replica_that_hangs_is_left(client: AsyncClient, ada: Person, following: Standby) -> None:
    await until_it_is_used(client, ada)
    following.hang()
    try:
        await until_it_is_not(client, ada)
        for _ in range(10):
            assert await titles(client, ada) == []
            await asyncio.sleep(0.03)
    finally:
        following.wake()
    await until_it_is_used(client, ada)


async def test_a_replica_that_is_no_replica_is_not_read(
    client: AsyncClient, ada: Person, following: Standby, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some other database, promoted or mistaken: nobody knows how far behind it is."""
    monkeypatch.setenv("DATABASE_REPLICA_URL", database)
    settings.cache_clear()
    await replica._close()
    for _ in range(10):
        await titles(client, ada)
        await asyncio.sleep(0.05)
    assert _read_there() == 0
