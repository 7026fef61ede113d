"""Reading out of the cache: few queries, never an old answer to who wrote, the same bytes by whichever way."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from httpx import AsyncClient, Response

from common.settings import settings
from posts import reading
from posts.answers import asked_before
from tests.people import Person
from tests.servers import clients_of, servers_of

POSTS = "/v1/posts"
PUBLIC = "public, max-age=1, stale-while-revalidate=10"


@pytest.fixture
def life(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float], None]]:
    """Sets how long a read lives; a minute to begin with, so that what a write does not drop is seen as old."""

    def live(seconds: float) -> None:
        monkeypatch.setenv("POSTS_CACHE_S", str(seconds))
        settings.cache_clear()

    live(60)
    reading._cache.cache_clear()
    yield live
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def reads(owner_connection: psycopg.Connection) -> Iterator[Callable[[], int]]:
    """How many rows of posts the group's role was given since the last time: PostgreSQL counts, by a policy on the table."""
    owner_connection.execute("SET ROLE artel_owner")
    owner_connection.execute("""
        CREATE SEQUENCE posts.rows_read;
        CREATE FUNCTION posts.count_row() RETURNS boolean LANGUAGE sql VOLATILE SECURITY DEFINER
        AS $$ SELECT nextval('posts.rows_read') > 0 $$;
        CREATE POLICY everything ON posts.posts USING (posts.count_row()) WITH CHECK (true);
        ALTER TABLE posts.posts ENABLE ROW LEVEL SECURITY""")

    def since() -> int:
        row = owner_connection.execute("SELECT nextval('posts.rows_read') - 1").fetchone()
        assert row is not None
        owner_connection.execute("ALTER SEQUENCE posts.rows_read RESTART")
        return int(row[0])

    try:
        yield since
    finally:
        owner_connection.execute("""
            ALTER TABLE posts.posts DISABLE ROW LEVEL SECURITY;
            DROP POLICY everything ON posts.posts;
            DROP FUNCTION posts.count_row;
            DROP SEQUENCE posts.rows_read""")


async def write(author: Person, title: str = "A title", **other: Any) -> dict[str, Any]:
    made = await author.client.post(POSTS, json={"title": title, "body": "Text", **other}, headers=author.auth)
    assert made.status_code == 201, made.text
    written: dict[str, Any] = made.json()
    return written


def titles(answer: Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [post["title"] for post in answer.json()["items"]]


async def test_a_thousand_readers_of_an_expired_page_are_one_query(
    client: AsyncClient, ada: Person, life: Callable[[float], None], reads: Callable[[], int]
) -> None:
    await write(ada, "Only one")
    path = f"{POSTS}?author={ada.id}"
    life(0.05)
    await client.get(path)
    assert reads() > 0
    await asyncio.sleep(0.1)
    life(60)
    answers = await asyncio.gather(*(client.get(path) for _ in range(1000)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert reads() == 1


async def test_without_the_cache_no_answer_is_older_than_its_question(
    client: AsyncClient, ada: Person, life: Callable[[float], None], reads: Callable[[], int]
) -> None:
    post = await write(ada)
    life(0)
    reads()
    for _ in range(5):
        await client.get(f"{POSTS}/{post['id']}")
    assert reads() == 5
    await asyncio.gather(*(client.get(f"{POSTS}/{post['id']}") for _ in range(20)))
    assert 1 <= reads() <= 2


async def test_readers_who_are_signed_in_share_queries_that_begin_after_they_came(
    client: AsyncClient, ada: Person, life: Callable[[float], None], reads: Callable[[], int]
) -> None:
    post = await write(ada)
    path = f"{POSTS}/{post['id']}"
    await client.get(path)
    reads()
    await asyncio.gather(*(client.get(path, headers=ada.auth) for _ in range(100)))
    assert 1 <= reads() < 50


async def test_equal_pages_share_one_entry(
    client: AsyncClient, ada: Person, life: Callable[[float], None], reads: Callable[[], int]
) -> None:
    tag = f"t-{secrets.token_hex(4)}"
    for number in range(2):
        await write(ada, f"{number}", tags=[tag])
    first = await client.get(POSTS, params={"author": str(ada.id), "tag": tag, "limit": "20"})
    reads()
    for query in (
        f"tag={tag}&author={ada.id}",
        f"author={ada.id}&tag={tag}",
        f"author={str(ada.id).upper()}&tag={tag.upper()}&cursor=",
        f"utm_source=x&tag=%23{tag}&limit=20&author={ada.id}",
        f"tag=+{tag}+&author={ada.id.hex}",
    ):
        for _ in range(2):
            again = await client.get(f"{POSTS}?{query}")
            assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    assert reads() == 0
    assert titles(await client.get(f"{POSTS}?tag={tag}&author={ada.id}&limit=1")) == ["1"]
    assert titles(await client.get(f"{POSTS}?tag={tag}x&author={ada.id}")) == []
    assert titles(await client.get(f"{POSTS}?tag={tag}&author={uuid4()}")) == []


async def test_a_write_is_seen_at_once_by_everybody_of_its_process(
    client: AsyncClient, ada: Person, life: Callable[[float], None]
) -> None:
    tag = f"t-{secrets.token_hex(4)}"
    lists = (f"{POSTS}?author={ada.id}", f"{POSTS}?tag={tag}", f"{POSTS}?author={ada.id}&limit=5")

    async def seen() -> list[list[str]]:
        return [titles(await client.get(path)) for path in lists for _ in range(2)]

    assert await seen() == [[]] * 6
    post = await write(ada, "First", tags=[tag])
    path = f"{POSTS}/{post['slug']}"
    assert await seen() == [["First"]] * 6
    assert (await client.get(path)).json()["title"] == "First"
    await client.patch(f"{POSTS}/{post['id']}", json={"title": "Second"}, headers=ada.auth)
    assert await seen() == [["Second"]] * 6
    assert (await client.get(path)).json()["title"] == "Second"
    counted = {each["name"]: each["posts"] for each in (await client.get(f"{POSTS}/tags")).json()["items"]}
    assert counted[tag] == 1
    await client.delete(f"{POSTS}/{post['id']}", headers=ada.auth)
    assert await seen() == [[]] * 6
    assert (await client.get(path)).status_code == 404
    assert tag not in {each["name"] for each in (await client.get(f"{POSTS}/tags")).json()["items"]}


async def test_a_write_that_fails_drops_nothing(
    client: AsyncClient, ada: Person, bob: Person, life: Callable[[float], None], reads: Callable[[], int]
) -> None:
    post = await write(ada)
    path = f"{POSTS}/{post['id']}"
    await client.get(path)
    assert (await client.patch(path, json={"title": "x"}, headers=bob.auth)).status_code == 403
    headers = {**ada.auth, "If-Match": '"7"'}
    assert (await client.patch(path, json={"title": "x"}, headers=headers)).status_code == 412
    reads()
    assert (await client.get(path)).json()["title"] == "A title"
    assert reads() == 0


async def test_what_is_not_there_is_not_kept(
    client: AsyncClient, ada: Person, life: Callable[[float], None], owner_connection: psycopg.Connection
) -> None:
    post = await write(ada)
    owner_connection.execute("SET ROLE artel_owner")
    owner_connection.execute("UPDATE posts.posts SET deleted_at = now() WHERE id = %s", [post["id"]])
    for _ in range(2):
        assert (await client.get(f"{POSTS}/{post['id']}")).status_code == 404
    owner_connection.execute("UPDATE posts.posts SET deleted_at = NULL WHERE id = %s", [post["id"]])
    assert (await client.get(f"{POSTS}/{post['id']}")).status_code == 200


async def test_the_short_way_answers_as_the_long_one(client: AsyncClient, ada: Person, life: Any) -> None:
    post = await write(ada)
    for path in (f"{POSTS}?author={ada.id}&x={secrets.token_hex(4)}", f"{POSTS}/{post['id']}", f"{POSTS}/tags"):
        asked_before._targets.clear()
        for headers in ({}, ada.auth):
            for known in (None, '"other"', "the tag", "*", 'W/"x", the tag'):
                answers = []
                for long in (True, False):
                    if long:
                        asked_before._targets.clear()
                    assert bool(asked_before._targets) is not long
                    given = dict(headers)
                    if known is not None:
                        tag = (await client.get(path)).headers["etag"]
                        if long:
                            asked_before._targets.clear()
                        given["If-None-Match"] = known.replace("the tag", tag)
                    answers.append(await client.get(path, headers=given))
                first, second = ({n: v for n, v in a.headers.items() if n != "x-request-id"} for a in answers)
                assert first == second
                assert answers[0].content == answers[1].content
                assert (
                    answers[0].status_code == answers[1].status_code == (304 if known and known != '"other"' else 200)
                )
                assert first["cache-control"] == ("private, no-cache" if headers else PUBLIC)
                assert "authorization" in first["vary"]
                assert answers[1].headers["x-request-id"] != answers[0].headers["x-request-id"]


async def test_the_short_way_is_for_reading_only_and_learns_nothing_malformed(client: AsyncClient, ada: Person) -> None:
    post = await write(ada)
    path = f"{POSTS}/{post['id']}"
    for _ in range(2):
        await client.get(path)
        assert (await client.post(path, headers=ada.auth)).status_code == 405
        assert (await client.get(f"{POSTS}?limit=101")).status_code == 422
        assert (await client.get(f"{POSTS}?cursor=x")).status_code == 400
        assert (await client.get(f"{POSTS}/{uuid4()}")).status_code == 404
        assert (await client.get(f"{POSTS}?author={ada.id}&tag=%00")).status_code == 422


async def test_who_was_signed_out_is_refused_at_once(client: AsyncClient, ada: Person, life: Any) -> None:
    path = f"{POSTS}/{(await write(ada))['id']}"
    assert (await client.get(path, headers=ada.auth)).status_code == 200
    assert (await client.delete("/v1/auth/me/sessions?including_current=true", headers=ada.auth)).status_code < 300
    assert (await client.get(path, headers=ada.auth)).status_code == 401
    assert (await client.get(path)).status_code == 200
    assert (await client.get(path, headers={"Authorization": "Bearer nonsense"})).status_code == 401


async def test_the_tag_of_a_post_changes_with_its_bytes_and_still_guards_an_edit(
    client: AsyncClient, ada: Person, owner_connection: psycopg.Connection
) -> None:
    path = f"{POSTS}/{(await write(ada))['id']}"
    etag = (await client.get(path)).headers["etag"]
    owner_connection.execute("SET ROLE artel_owner")
    owner_connection.execute("UPDATE auth.users SET display_name = 'Ada L.' WHERE id = %s", [ada.id])
    assert (await client.get(path, headers={"If-None-Match": etag})).status_code == 200
    edit = await client.patch(path, json={"title": "Two"}, headers={**ada.auth, "If-Match": etag})
    assert edit.status_code == 200
    assert edit.headers["etag"] == (await client.get(path)).headers["etag"]
    late = await client.patch(path, json={"title": "Three"}, headers={**ada.auth, "If-Match": etag})
    assert late.status_code == 412


async def test_a_cursor_of_the_future_shows_nothing_that_is_not_published(
    client: AsyncClient, ada: Person, owner_connection: psycopg.Connection
) -> None:
    from common.pagination import encode_cursor

    post = await write(ada, "Later")
    owner_connection.execute("SET ROLE artel_owner")
    owner_connection.execute(
        "UPDATE posts.posts SET published_at = now() + interval '1 day' WHERE id = %s", [post["id"]]
    )
    cursor = encode_cursor(["9000-01-01T00:00:00Z", str(uuid4())])
    assert titles(await client.get(POSTS, params={"author": str(ada.id), "cursor": cursor})) == []


async def test_the_author_sees_a_write_in_every_process_and_others_within_the_life(ada: Person) -> None:
    with servers_of("posts", POSTS_CACHE_S="2") as urls:
        async with clients_of(urls) as clients:
            path = f"{POSTS}?author={ada.id}"
            for each in clients:
                assert titles(await each.get(path)) == []
            made = await clients[0].post(POSTS, json={"title": "New", "body": "b"}, headers=ada.auth)
            assert made.status_code == 201
            for each in clients:
                assert titles(await each.get(path, headers=ada.auth)) == ["New"]
            assert titles(await clients[0].get(path)) == ["New"]
            await asyncio.sleep(2)
            for each in clients:
                assert titles(await each.get(path)) == ["New"]
