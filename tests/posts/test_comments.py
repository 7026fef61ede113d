import asyncio
import secrets
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from httpx import AsyncClient

from common.pagination import Page
from common.scopes import USER
from posts.community_schemas import CommentRead, CommentThread
from tests.people import People, Person
from tests.posts.test_posts import POSTS, write


async def say(who: Person, post: str, body: str = "Well *said*.", parent: str | None = None) -> dict[str, Any]:
    made = await who.post(f"{POSTS}/{post}/comments", {"body": body, "parent_id": parent})
    assert made.status_code == 201, made.text
    said: dict[str, Any] = made.json()
    return said


async def pages(client: AsyncClient, path: str, **query: Any) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    while True:
        answer = await client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        seen += answer.json()["items"]
        if answer.json()["next_cursor"] is None:
            return seen
        query["cursor"] = answer.json()["next_cursor"]


async def _first(client: AsyncClient, post: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"{POSTS}/{post}/comments")).json()["items"][0]
    return found


async def test_a_thread_is_read_in_order_and_pages_without_gap(client: AsyncClient, ada: Person, bob: Person) -> None:
    post = (await write(ada))["id"]
    top = await say(bob, post, "1")
    first = await say(ada, post, "1.1", top["id"])
    await say(ada, post, "1.2", top["id"])
    await say(bob, post, "2")
    await say(bob, post, "1.1.1", first["id"])
    await say(bob, post, "1.3", top["id"])
    below = ["1.1", "1.1.1", "1.2", "1.3"]
    path = f"{POSTS}/{post}/comments"
    answer = await client.get(path)
    assert [c.body for c in Page[CommentThread].model_validate_json(answer.content).items] == ["1", "2"]
    one, two = answer.json()["items"]
    assert [reply["body"] for reply in one["replies"]] == below[:3]
    assert (two["replies"], two["replies_cursor"]) == ([], None)
    rest = await client.get(f"{POSTS}/comments/{top['id']}/replies", params={"cursor": one["replies_cursor"]})
    assert [c.body for c in Page[CommentRead].model_validate_json(rest.content).items] == below[3:]
    for limit in (1, 2, 4):
        replies = await pages(client, f"{POSTS}/comments/{top['id']}/replies", limit=limit)
        assert [(c["body"], c["depth"]) for c in replies] == list(zip(below, (1, 2, 1, 1), strict=True))
    assert [c["body"] for c in await pages(client, path, limit=1)] == ["1", "2"]
    assert [c["body"] for c in await pages(client, path, limit=1, order="newest")] == ["2", "1"]


async def test_ten_thousand_comments_a_hundred_deep_are_one_range_a_page(
    client: AsyncClient, ada: Person, bob: Person, owner_connection: psycopg.Connection
) -> None:
    post = (await write(ada))["id"]
    top = await say(ada, post, "top")
    # A hundred chains below one comment, each down to the lowest level.
    owner_connection.execute(
        """WITH RECURSIVE ids AS MATERIALIZED (
            SELECT chain, depth, uuidv7() AS id FROM generate_series(1, 100) AS chain, generate_series(1, 100) AS depth
        ), thread AS (
            SELECT c.id, c.post_id, c.path, 0 AS depth, NULL::uuid AS parent, n AS chain, c.author_id
            FROM posts.comments AS c, generate_series(1, 100) AS n WHERE c.id = %s
            UNION ALL
            SELECT i.id, t.post_id, t.path || uuid_send(i.id), i.depth, t.id, t.chain, t.author_id
            FROM thread AS t JOIN ids AS i ON i.chain = t.chain AND i.depth = t.depth + 1
        ) INSERT INTO posts.comments (id, post_id, parent_id, path, depth, author_id, body, html)
        SELECT id, post_id, parent, path, depth, author_id, chain || '.' || depth, '' FROM thread WHERE depth > 0""",
        [top["id"]],
    )
    owner_connection.execute("ANALYZE posts.comments")
    path = f"{POSTS}/comments/{top['id']}/replies"
    seen = await pages(client, path, limit=100)
    assert len({c["id"] for c in seen}) == 10_000
    assert [c["depth"] for c in seen] == list(range(1, 101)) * 100
    assert len((await _first(client, post))["replies"]) == 3
    lowest = seen[99]
    beside = await say(bob, post, "too deep", lowest["id"])
    assert (beside["depth"], beside["parent_id"]) == (100, lowest["parent_id"])
    plan = owner_connection.execute(
        """EXPLAIN (FORMAT TEXT) SELECT r.* FROM posts.comments AS c CROSS JOIN LATERAL (
            SELECT * FROM posts.comments AS r WHERE r.post_id = c.post_id AND r.path > c.path
                AND r.path < c.path || '\\xff'::bytea ORDER BY r.path LIMIT 20) AS r WHERE c.id = %s""",
        [top["id"]],
    ).fetchall()
    told = "\n".join(row[0] for row in plan)
    assert "ix_comments_thread" in told
    assert "Sort" not in told


async def test_a_deleted_comment_keeps_its_place_without_words_and_author(
    client: AsyncClient, ada: Person, bob: Person, owner_connection: psycopg.Connection
) -> None:
    post = (await write(ada))["id"]
    word = secrets.token_hex(8)
    top = await say(bob, post, word)
    await say(ada, post, "answer", top["id"])
    path = f"{POSTS}/comments/{top['id']}"
    assert (await client.delete(path, headers=bob.auth)).status_code == 204
    shown = await _first(client, post)
    assert (shown["deleted"], shown["author"], shown["body"], shown["html"]) == (True, None, "", "")
    assert [reply["body"] for reply in shown["replies"]] == ["answer"]
    stored = "SELECT count(*) FROM posts.comments AS c WHERE c::text LIKE %s"
    assert owner_connection.execute(stored, [f"%{word}%"]).fetchone() == (0,)
    for answer in (
        await client.delete(path, headers=bob.auth),
        await client.patch(path, json={"body": "again"}, headers=bob.auth),
        await bob.post(f"{POSTS}/{post}/comments", {"body": "x", "parent_id": top["id"]}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "CommentNotFound")
    assert (await client.get(f"{POSTS}/{post}")).json()["counts"] == {"comments": 1, "reactions": {}}


async def test_who_may_change_and_who_may_delete(client: AsyncClient, people: People, ada: Person, bob: Person) -> None:
    post = (await write(ada))["id"]
    eve = await people.person("Eve")
    moderator = await people.person("Mod", scope=USER | {"posts:moderate"}, roles=("user", "moderator"))
    for who, status in ((eve, 403), (ada, 204), (moderator, 204), (bob, 204)):
        path = f"{POSTS}/comments/{(await say(bob, post))['id']}"
        if who is not bob:
            changed = await client.patch(path, json={"body": "mine"}, headers=who.auth)
            assert (changed.status_code, changed.json()["code"]) == (403, "NotYourComment")
        assert (await client.delete(path, headers=who.auth)).status_code == status


async def test_an_edit_of_an_old_version_is_refused(client: AsyncClient, ada: Person) -> None:
    said = await say(ada, (await write(ada))["id"])
    path = f"{POSTS}/comments/{said['id']}"
    headers = {**ada.auth, "If-Match": '"1"'}
    tries = [client.patch(path, json={"body": f"*{n}*"}, headers=headers) for n in range(5)]
    answers = await asyncio.gather(*tries)
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]
    (won,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert (won["version"], won["html"]) == (2, f"<p><em>{won['body'].strip('*')}</em></p>\n")
    assert won["edited_at"] is not None


async def test_a_comment_needs_a_visible_post_and_a_parent_on_it(ada: Person) -> None:
    post, other = (await write(ada))["id"], (await write(ada))["id"]
    foreign = (await say(ada, other))["id"]
    for parent in (foreign, str(uuid4())):
        refused = await ada.post(f"{POSTS}/{post}/comments", {"body": "x", "parent_id": parent})
        assert (refused.status_code, refused.json()["code"]) == (404, "CommentNotFound")
    await ada.client.delete(f"{POSTS}/{other}", headers=ada.auth)
    for answer in (
        await ada.post(f"{POSTS}/{other}/comments", {"body": "x"}),
        await ada.get(f"{POSTS}/{other}/comments"),
        await ada.get(f"{POSTS}/{uuid4()}/comments"),
        await ada.get(f"{POSTS}/comments/{foreign}/replies"),
        await ada.client.patch(f"{POSTS}/comments/{foreign}", json={"body": "x"}, headers=ada.auth),
    ):
        assert answer.status_code == 404
    taken_back = await ada.client.delete(f"{POSTS}/comments/{foreign}", headers=ada.auth)
    assert taken_back.status_code == 204  # one's words can be taken back, whoever still sees them


async def test_who_writes_very_fast_must_wait(ada: Person, bob: Person) -> None:
    post = (await write(ada))["id"]
    path = f"{POSTS}/{post}/comments"
    answers = await asyncio.gather(*(ada.post(path, {"body": str(n)}) for n in range(14)))
    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [429] * 4
    late = next(answer for answer in answers if answer.status_code == 429)
    assert (late.headers["retry-after"], late.json()["code"]) == ("60", "TooManyComments")
    assert (await bob.post(path, {"body": "x"})).status_code == 201


@pytest.mark.parametrize("body", ["", " ", "a\x00b", "x" * 10_001, None, 1])
async def test_malformed_comments_are_422(ada: Person, body: Any) -> None:
    post = (await write(ada))["id"]
    assert (await ada.post(f"{POSTS}/{post}/comments", {"body": body})).status_code == 422


async def test_strange_cursors_are_refused_and_nothing_is_executed(client: AsyncClient, ada: Person) -> None:
    post = (await write(ada))["id"]
    said = await say(ada, post, "<script>alert(1)</script> [x](javascript:alert(1))")
    assert "<script" not in said["html"]
    assert 'href="javascript' not in said["html"]
    for path in (f"{POSTS}/{post}/comments", f"{POSTS}/comments/{said['id']}/replies"):
        assert (await client.get(path, params={"cursor": "nonsense"})).status_code == 400
    assert (await client.post(f"{POSTS}/{post}/comments", json={"body": "x"})).status_code == 401
