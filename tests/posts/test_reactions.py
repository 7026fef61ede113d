import asyncio
import random
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from httpx import AsyncClient
from sqlalchemy.engine import make_url

from common.db import transaction
from common.pagination import Page
from posts import background, queries, reactions, telling
from posts.community_schemas import BookmarkRead
from tests.people import Person
from tests.posts.test_comments import pages
from tests.posts.test_posts import POSTS, write

KINDS = ("like", "love", "laugh", "wow", "sad", "thanks")


async def put(who: Person, path: str) -> int:
    return (await who.client.put(f"{POSTS}/{path}", headers=who.auth)).status_code


async def drop(who: Person, path: str) -> int:
    return (await who.client.delete(f"{POSTS}/{path}", headers=who.auth)).status_code


async def _counts(client: AsyncClient, post: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"{POSTS}/{post}")).json()["counts"]
    return found


async def test_doing_it_twice_is_doing_it_once(client: AsyncClient, ada: Person, bob: Person) -> None:
    post = (await write(ada))["id"]
    for _ in range(2):
        assert await put(bob, f"{post}/reactions/like") == 204
        assert await put(bob, f"{post}/reactions/wow") == 204
        assert await put(bob, f"{post}/bookmark") == 204
    assert await _counts(client, post) == {"comments": 0, "reactions": {"like": 1, "wow": 1}}
    listed = (await client.get(POSTS, params={"author": str(ada.id)})).json()["items"][0]["counts"]
    assert listed == {"comments": 0, "reactions": {"like": 1, "wow": 1}}
    await background.run_due()
    assert await _counts(client, post) == {"comments": 0, "reactions": {"like": 1, "wow": 1}}
    for _ in range(2):
        assert await drop(bob, f"{post}/reactions/like") == 204
        assert await drop(bob, f"{post}/bookmark") == 204
    assert await _counts(client, post) == {"comments": 0, "reactions": {"wow": 1}}


async def test_counts_are_exact_after_ten_thousand_reactions_at_once(
    client: AsyncClient, ada: Person, owner_connection: psycopg.Connection
) -> None:
    post = UUID((await write(ada))["id"])
    chance = random.Random(7)
    people = [uuid4() for _ in range(1500)]
    at_once = asyncio.Semaphore(5)  # connections

    async def one() -> None:
        person, kind = chance.choice(people), chance.choice(KINDS[:3])
        do = reactions.react if chance.random() < 0.6 else reactions.take_back
        async with at_once, transaction("posts") as session:
            await do(session, person, post, kind)  # type: ignore[arg-type]

    async def fold_all_the_while() -> None:
        while True:
            async with at_once:
                await telling.fold_counters()
            await asyncio.sleep(0.05)

    folding = asyncio.create_task(fold_all_the_while())
    await asyncio.gather(*(one() for _ in range(10_000)))
    folding.cancel()
    await asyncio.wait({folding})  # until then it holds what it was about to add up
    rows = owner_connection.execute("SELECT kind FROM posts.reactions WHERE post_id = %s", [post]).fetchall()
    expected = dict(Counter(kind for (kind,) in rows))
    assert sum(expected.values()) > 1000
    assert (await _counts(client, str(post)))["reactions"] == expected
    await asyncio.gather(*(telling.fold_counters() for _ in range(3)))
    assert (await _counts(client, str(post)))["reactions"] == expected
    folded = owner_connection.execute("SELECT kind, total FROM posts.counters WHERE post_id = %s", [post]).fetchall()
    assert dict(folded) == expected
    waiting = "SELECT count(*) FROM posts.counter_deltas WHERE post_id = %s"
    assert owner_connection.execute(waiting, [post]).fetchone() == (0,)


async def test_one_person_who_reacts_many_times_at_once_counts_once(client: AsyncClient, ada: Person) -> None:
    post = (await write(ada))["id"]
    await asyncio.gather(*(put(ada, f"{post}/reactions/love") for _ in range(10)))
    assert await _counts(client, post) == {"comments": 0, "reactions": {"love": 1}}


async def test_bookmarks_are_mine_newest_first_and_page_without_gap(ada: Person, bob: Person) -> None:
    made = [(await write(ada, f"Post {n}"))["id"] for n in range(5)]
    kept = [made[n] for n in (3, 0, 4, 1)]
    for post in kept:
        await put(bob, f"{post}/bookmark")
    await ada.client.delete(f"{POSTS}/{made[4]}", headers=ada.auth)
    answer = await bob.get(f"{POSTS}/bookmarks")
    assert answer.headers["cache-control"] == "private, no-store"
    newest = [UUID(made[n]) for n in (1, 0, 3)]
    assert [b.post.id for b in Page[BookmarkRead].model_validate_json(answer.content).items] == newest
    first = (await bob.get(f"{POSTS}/bookmarks", params={"limit": 2})).json()
    rest = (await bob.get(f"{POSTS}/bookmarks", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [UUID(b["post"]["id"]) for b in first["items"] + rest["items"]] == newest
    assert rest["next_cursor"] is None
    assert (await ada.get(f"{POSTS}/bookmarks")).json()["items"] == []


async def test_flags_say_what_i_did_and_are_shared_with_nobody(ada: Person, bob: Person) -> None:
    one, two = (await write(ada))["id"], (await write(ada))["id"]
    for path in (f"{one}/reactions/thanks", f"{one}/reactions/like", f"{two}/bookmark"):
        await put(bob, path)
    await put(ada, f"{two}/reactions/sad")
    answer = await bob.get(f"{POSTS}/mine/flags", params={"ids": [one, two, one]})
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.json()["items"] == [
        {"post_id": one, "reactions": ["like", "thanks"], "bookmarked": False},
        {"post_id": two, "reactions": [], "bookmarked": True},
    ]
    for ids in ([], [one] * 101, ["x"]):
        assert (await bob.get(f"{POSTS}/mine/flags", params={"ids": ids})).status_code == 422
    assert (await bob.client.get(f"{POSTS}/mine/flags", params={"ids": one})).status_code == 401


@pytest.mark.parametrize("kind", ["LIKE", "hate", "%00", "' OR 1=1"])
async def test_other_kinds_are_422(ada: Person, kind: str) -> None:
    assert await put(ada, f"{(await write(ada))['id']}/reactions/{kind}") == 422


async def test_nobody_reacts_to_what_is_not_there(ada: Person) -> None:
    post = (await write(ada))["id"]
    await ada.client.delete(f"{POSTS}/{post}", headers=ada.auth)
    for gone in (post, uuid4()):
        assert await put(ada, f"{gone}/reactions/like") == 404
        assert await put(ada, f"{gone}/bookmark") == 404
        assert await drop(ada, f"{gone}/reactions/like") == 204


async def test_pages_of_nothing_end(client: AsyncClient, ada: Person) -> None:
    assert await pages(client, f"{POSTS}/{(await write(ada))['id']}/comments") == []


async def test_who_has_the_post_is_told_of_new_counts_and_can_still_edit_it(ada: Person, client: AsyncClient) -> None:
    path = f"{POSTS}/{(await write(ada))['id']}"
    etag = (await client.get(path)).headers["etag"]
    assert (await client.get(path, headers={"If-None-Match": etag})).status_code == 304
    await put(ada, f"{path.removeprefix(POSTS + '/')}/reactions/like")
    again = await client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.json()["counts"]["reactions"]) == (200, {"like": 1})
    # No edit has happened since.
    edited = await client.patch(path, json={"title": "New"}, headers={**ada.auth, "If-Match": etag})
    assert (edited.status_code, edited.json()["version"]) == (200, 2)
    assert (
        await client.patch(path, json={"title": "Newer"}, headers={**ada.auth, "If-Match": etag})
    ).status_code == 412


async def test_counts_are_looked_up_by_post_and_never_added_up_for_all(owner_connection: psycopg.Connection) -> None:
    query = queries.newest(tag=False, author=False, after=False, limit=20)
    options = {"literal_binds": True, "render_postcompile": True}
    told = str(
        query.compile(dialect=make_url("postgresql+psycopg://").get_dialect()(), compile_kwargs=options)
    ).replace("%%", "%")
    with owner_connection.transaction(force_rollback=True):
        owner_connection.execute(
            "INSERT INTO posts.counters SELECT id, 'like', 1 FROM posts.posts ON CONFLICT DO NOTHING"
        )
        owner_connection.execute("SET LOCAL enable_seqscan = off")
        owner_connection.execute("SET LOCAL enable_sort = off")  # then the page is sorted once only, as few as it has
        rows = owner_connection.execute(f"EXPLAIN {told}".encode()).fetchall()
    plan = [row[0].strip() for row in rows]
    for table in ("counters", "counter_deltas"):
        (at,) = [n for n, line in enumerate(plan) if f" on {table}" in line]
        assert "Cond: (post_id = ANY " in plan[at + 1], plan
    assert sum(" on posts" in line for line in plan) == 1
    assert any(line.startswith("->  Index Scan Backward using ix_posts_newest") for line in plan)
