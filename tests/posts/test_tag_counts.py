"""How many posts have a tag, whatever happens to the posts."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from httpx import AsyncClient

from posts import background
from tests.people import Person
from tests.posts.test_posts import POSTS, write

_EXACT = """SELECT count(*) FROM posts.post_tags AS pt JOIN posts.posts AS p ON p.id = pt.post_id
    JOIN posts.tags AS t ON t.id = pt.tag_id
    WHERE t.name = %(tag)s AND p.deleted_at IS NULL AND p.hidden_at IS NULL AND p.published_at <= now()"""
# As posts.popular_tags counts, which shows a hundred tags only.
_KEPT = """SELECT coalesce(sum(n), 0) FROM (
    SELECT t.posts AS n FROM posts.tags AS t WHERE t.name = %(tag)s
    UNION ALL
    SELECT d.delta FROM posts.tag_deltas AS d JOIN posts.tags AS t ON t.id = d.tag_id WHERE t.name = %(tag)s AND d.at <= now()
) AS counted"""


class Count:
    """Of one tag, which nobody else uses."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.tag = f"t{uuid4().hex}"
        self._connection = connection

    def _value(self, query: str) -> int:
        row = self._connection.execute(query.encode(), {"tag": self.tag}).fetchone()
        assert row is not None
        return int(row[0])

    async def is_now(self, expected: int) -> None:
        """Before and after it was added up."""
        for _ in range(2):
            assert (self._value(_EXACT), self._value(_KEPT)) == (expected, expected)
            await background.run_due()


@pytest.fixture
def count(owner_connection: psycopg.Connection) -> Count:
    return Count(owner_connection)


async def test_counts_agree_with_the_posts(ada: Person, count: Count) -> None:
    post = await write(ada, tags=[count.tag])
    path = f"{POSTS}/{post['id']}"
    await count.is_now(1)
    await ada.client.patch(path, json={"tags": []}, headers=ada.auth)
    await count.is_now(0)
    await ada.client.patch(path, json={"tags": [count.tag], "body": "x"}, headers=ada.auth)
    await count.is_now(1)
    await ada.client.patch(path, json={"draft": True}, headers=ada.auth)
    await count.is_now(0)
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    await ada.client.patch(path, json={"publish_at": later}, headers=ada.auth)
    await count.is_now(0)
    await ada.client.patch(path, json={"draft": False}, headers=ada.auth)
    await count.is_now(1)
    await ada.client.delete(path, headers=ada.auth)
    await count.is_now(0)
    await ada.post(f"{path}/restore", {})
    await count.is_now(1)


async def test_a_post_that_waits_counts_from_its_moment_on(ada: Person, count: Count) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=2)
    await write(ada, tags=[count.tag], publish_at=soon.isoformat())
    await asyncio.sleep((soon - datetime.now(UTC)).total_seconds() + 0.1)
    await count.is_now(1)


async def test_counts_are_exact_after_many_writers_and_folders_at_once(ada: Person, bob: Person, count: Count) -> None:
    async def one(who: Person, *, gone: bool) -> None:
        post = await write(who, tags=[count.tag])
        if gone:
            await who.client.delete(f"{POSTS}/{post['id']}", headers=who.auth)

    work = [one(who, gone=gone) for who in (ada, bob) for gone in (True, False) for _ in range(5)]
    await asyncio.gather(*work, *(background.run_due() for _ in range(4)))
    await count.is_now(10)


async def test_who_is_erased_is_counted_no_more(
    ada: Person, bob: Person, count: Count, owner_connection: psycopg.Connection
) -> None:
    await write(ada, tags=[count.tag])
    await write(bob, tags=[count.tag])
    await background.run_due()
    owner_connection.execute("SELECT posts.erase(%s)", [ada.id])
    await count.is_now(1)


async def test_the_list_says_it(client: AsyncClient, ada: Person, count: Count) -> None:
    for _ in range(40):
        await write(ada, tags=[count.tag])
    listed = (await client.get(f"{POSTS}/tags")).json()["items"]
    assert {"name": count.tag, "posts": 40} in listed
    assert listed == sorted(listed, key=lambda each: (-each["posts"], each["name"]))
