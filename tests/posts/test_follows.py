import secrets
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from posts import feed, follows
from tests.people import People, Person
from tests.posts.test_posts import POSTS, write
from tests.posts.test_reactions import drop, put


async def _feed(who: Person, **query: Any) -> list[str]:
    seen: list[str] = []
    while True:
        page = (await who.get(f"{POSTS}/feed", params=query)).json()
        seen += [post["title"] for post in page["items"]]
        if page["next_cursor"] is None:
            return seen
        query["cursor"] = page["next_cursor"]


async def test_the_feed_has_each_followed_post_once_newest_first(people: People, ada: Person, bob: Person) -> None:
    cy, tag = await people.person("Cy"), f"t{secrets.token_hex(4)}"
    await write(ada, "1", tags=[tag])
    await write(cy, "2", tags=[tag])
    await write(cy, "not followed")
    await write(ada, "3")
    gone = await write(ada, "deleted", tags=[tag])
    await ada.client.delete(f"{POSTS}/{gone['id']}", headers=ada.auth)
    for _ in range(2):
        assert await put(bob, f"follows/authors/{ada.id}") == 204
        assert await put(bob, f"follows/tags/{tag.upper()}") == 204
    assert await _feed(bob) == ["3", "2", "1"]
    assert await _feed(bob, limit=1) == ["3", "2", "1"]
    assert (await bob.get(f"{POSTS}/feed")).headers["cache-control"] == "private, no-store"
    followed = (await bob.get(f"{POSTS}/follows")).json()
    assert ([author["id"] for author in followed["authors"]], followed["tags"]) == ([str(ada.id)], [tag])
    for _ in range(2):
        assert await drop(bob, f"follows/tags/{tag}") == 204
    assert await _feed(bob) == ["3", "1"]
    assert await drop(bob, f"follows/authors/{ada.id}") == 204
    assert await _feed(bob) == []


async def test_whom_one_cannot_follow(ada: Person, bob: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await put(ada, f"follows/authors/{ada.id}") == 422
    assert await put(ada, f"follows/authors/{uuid4()}") == 404
    assert await put(ada, f"follows/tags/{secrets.token_hex(8)}") == 404
    assert await put(ada, "follows/tags/a,b") == 422
    monkeypatch.setattr(follows, "MOST", 0)
    assert await put(ada, f"follows/authors/{bob.id}") == 409
    assert (await ada.get(f"{POSTS}/feed", params={"cursor": "x"})).status_code == 400
    assert (await ada.client.get(f"{POSTS}/feed")).status_code == 401


@pytest.mark.parametrize("plan", ["force_custom_plan", "force_generic_plan"])
async def test_the_work_of_the_feed_grows_with_the_page_and_not_with_the_posts(
    ada: Person, owner_connection: psycopg.Connection, plan: str
) -> None:
    """500 authors and ten tags with 100,000 posts: no more of each is looked at than a page has."""
    with owner_connection.transaction(force_rollback=True):
        owner_connection.execute(_CROWD, {"me": ada.id})
        for table in ("posts", "post_tags", "followed_authors", "followed_tags"):
            owner_connection.execute(f"ANALYZE posts.{table}".encode())
        owner_connection.execute(f"SET LOCAL plan_cache_mode = {plan}".encode())
        query = feed.statement(later=False).replace(":person", "$1").replace(":most", "$2")
        owner_connection.execute(f"PREPARE feed (uuid, integer) AS {query}".encode())
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE feed ('{ada.id}', 6)"
        row = owner_connection.execute(explain.encode()).fetchone()
        owner_connection.execute("DEALLOCATE feed")
    assert row is not None
    assert max(_touched(row[0][0]["Plan"])) <= 510 * 6


_CROWD = """
    WITH who AS MATERIALIZED (SELECT uuidv7() AS id, n FROM generate_series(1, 500) AS n),
    followed AS (INSERT INTO posts.followed_authors (person_id, author_id) SELECT %(me)s, id FROM who),
    made AS (
        INSERT INTO posts.posts (slug, author_id, title, body, html, excerpt, published_at)
        SELECT uuidv7()::text, id, 't', 'b', '', '', now() - random() * interval '1 year'
        FROM who, generate_series(1, 200) RETURNING id, published_at
    ), tags AS (
        INSERT INTO posts.tags (name) SELECT 'feed ' || n FROM generate_series(1, 10) AS n RETURNING id
    ), tagged AS (
        INSERT INTO posts.post_tags (post_id, tag_id, published_at)
        SELECT m.id, t.id, m.published_at FROM made AS m, tags AS t WHERE random() < 0.1
    ) INSERT INTO posts.followed_tags (person_id, tag_id) SELECT %(me)s, id FROM tags"""


def _touched(plan: dict[str, Any]) -> list[float]:
    """Rows that each step of the plan gave or threw away."""
    thrown = plan.get("Rows Removed by Filter", 0)
    here = (plan["Actual Rows"] + thrown) * plan["Actual Loops"]
    return [here] + [rows for part in plan.get("Plans", []) for rows in _touched(part)]


async def test_an_id_of_nobody_in_a_path_is_malformed(ada: Person) -> None:
    assert await put(ada, "follows/authors/nobody") == 422
