"""Finding posts by their words."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from httpx import AsyncClient

from common.pagination import Page
from common.scopes import USER
from posts.schemas import FoundPost
from tests.people import People, Person
from tests.posts.test_moderation import decide
from tests.posts.test_posts import POSTS, write

SEARCH = f"{POSTS}/search"


async def found(client: AsyncClient, query: str, **other: Any) -> list[str]:
    """Titles."""
    answer = await client.get(SEARCH, params={"query": query, **other})
    assert answer.status_code == 200, answer.text
    Page[FoundPost].model_validate_json(answer.content, strict=False)
    return [item["title"] for item in answer.json()["items"]]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Мы собрали урожай яблок", "яблоки"),
        ("Мы собрали урожай яблок", "СОБРАТЬ урожаи"),
        ("Ёлка стоит у входа", "елки"),
        ("Елка стоит у входа", "ЁЛКА"),
        ("The children were running", "run"),
        ("Собрание: running late", "собрания RUN"),
        ("На складе **12 кг** муки", "мука 12"),
        ("ﬁne print, cafe\u0301", "fine café"),
        ("see [the docs](https://example.org/a?b=1)", "docs"),
        ("half<b>bold</b> and half*italic*", "halfitalic"),
        ("a < b && c", "a b c"),
    ],
)
async def test_words_are_found_in_any_of_their_forms(client: AsyncClient, ada: Person, text: str, query: str) -> None:
    mark = f"mark{uuid4().hex}"
    await write(ada, "Found", f"{text} {mark}")
    assert await found(client, f"{query} {mark}") == ["Found"]
    assert await found(client, f"{query} {mark} nowhere{uuid4().hex}") == []


async def test_the_title_counts_more_than_the_tags_and_these_more_than_the_text(
    client: AsyncClient, ada: Person
) -> None:
    word = f"w{uuid4().hex}"
    await write(ada, f"About {word}", "Nothing else.")
    await write(ada, "Tagged", "Nothing else.", tags=[word])
    await write(ada, "Mentions", f"Only {word}.")
    assert await found(client, word) == [f"About {word}", "Tagged", "Mentions"]
    assert await found(client, word, order="newest") == ["Mentions", "Tagged", f"About {word}"]
    listed = (await client.get(POSTS, params={"query": word})).json()["items"]
    assert [post["title"] for post in listed] == ["Mentions", "Tagged", f"About {word}"]


async def test_what_was_found_is_marked_and_nothing_else_is_markup(client: AsyncClient, ada: Person) -> None:
    word = f"w{uuid4().hex}"
    text = f"Before `<script>alert(1)</script>` &amp; *the* {word} and after. " + "More of it. " * 200
    await write(ada, "A title", text)
    (item,) = (await client.get(SEARCH, params={"query": word})).json()["items"]
    assert f"<mark>{word}</mark>" in item["highlight"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;  &amp;  the " in item["highlight"]
    assert "<" not in item["highlight"].replace("<mark>", "").replace("</mark>", "")
    assert len(item["highlight"]) < 1000
    await write(ada, "Another", f"\x02\x03{word}")
    for item in (await client.get(SEARCH, params={"query": word})).json()["items"]:
        assert item["highlight"].count("<mark>") == item["highlight"].count("</mark>") == 1


async def test_phrases_alternatives_and_exclusions(client: AsyncClient, ada: Person) -> None:
    mark = f"mark{uuid4().hex}"
    await write(ada, "One", f"red apples and green pears {mark}")
    await write(ada, "Two", f"green apples and red pears {mark}")
    assert await found(client, f'{mark} "red apples"') == ["One"]
    assert await found(client, f'{mark} "red apples" or "red pears"', order="newest") == ["Two", "One"]
    assert await found(client, f'{mark} -"red apples"') == ["Two"]


@pytest.mark.parametrize(
    "query",
    [
        "'; DROP TABLE posts.posts; --", "a & | ! ( ) <-> :*", "!!!", "((((", "'", '"', '"""', "\\", "\\'", ":*A",
        "-", "--x", "OR", "or or or", "и в на", "the of", "-onlywithout", "%s %(x)s {} $1", "a:1,2B", "<<>>", "&&&&&",
        "\u202e\u200b\ufeff", "🙂", "ё" * 200, "a " * 100, "x" * 200, "-" * 200, '"' * 199, "a|b&c!d", "NULL", "𐍈𐍈",
    ],
)  # fmt: skip
async def test_whatever_is_typed_is_answered_at_once(client: AsyncClient, query: str) -> None:
    began = time.process_time()
    answer = await client.get(SEARCH, params={"query": query})
    assert answer.status_code in (200, 422), answer.text
    assert time.process_time() - began < 5
    if answer.status_code == 422:
        assert answer.json()["code"] == "MalformedRequest"


@pytest.mark.parametrize("query", ["", " \t", "a" * 201, "a\x00b", "a\x1bb"])
async def test_what_is_no_query_is_told_so(client: AsyncClient, query: str) -> None:
    assert (await client.get(SEARCH, params={"query": query})).status_code == 422


@pytest.mark.parametrize("order", ["relevance", "newest"])
async def test_pages_have_no_gap(client: AsyncClient, ada: Person, order: str) -> None:
    word = f"w{uuid4().hex}"
    for number in range(7):
        await write(ada, f"Post {number}", f"{word} " * (1 + number % 3))
    asked: dict[str, Any] = {"query": word, "order": order, "limit": 3}
    seen: list[str] = []
    while True:
        page = (await client.get(SEARCH, params=asked)).json()
        assert len(page["items"]) <= 3
        seen += [item["title"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        asked["cursor"] = page["next_cursor"]
    assert sorted(seen) == [f"Post {number}" for number in range(7)]
    assert seen == await found(client, word, order=order)
    other = "newest" if order == "relevance" else "relevance"
    if "cursor" in asked:
        assert (await client.get(SEARCH, params=asked | {"order": other})).status_code == 400


async def test_only_of_an_author_or_a_tag(client: AsyncClient, ada: Person, bob: Person) -> None:
    word = f"w{uuid4().hex}"
    await write(ada, "Hers", word, tags=[f"t{word}"])
    await write(bob, "His", word)
    assert await found(client, word, author=str(ada.id)) == ["Hers"]
    assert await found(client, word, tag=f"T{word}") == ["Hers"]
    assert await found(client, word, tag="nobody uses this") == []
    assert await found(client, word, tag=f"t{word}", author=str(bob.id)) == []


async def test_what_is_not_shown_is_not_found(client: AsyncClient, ada: Person, people: People) -> None:
    mod = await people.person("Mod", scope=USER | {"posts:moderate"}, roles=("user", "moderator"))
    word = f"w{uuid4().hex}"
    post = await write(ada, "Draft", word, draft=True)
    path = f"{POSTS}/{post['id']}"
    assert await found(client, word) == []
    await ada.client.patch(path, json={"draft": False}, headers=ada.auth)
    assert await found(client, word) == ["Draft"]
    await ada.client.patch(path, json={"draft": True}, headers=ada.auth)
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    await ada.client.patch(path, json={"publish_at": later}, headers=ada.auth)
    assert await found(client, word) == []
    await ada.client.patch(path, json={"draft": False}, headers=ada.auth)
    assert (await decide(mod, post["id"], "hide")).status_code == 204
    assert await found(client, word) == []
    assert (await decide(mod, post["id"], "restore")).status_code == 204
    assert await found(client, word) == ["Draft"]
    await ada.client.delete(path, headers=ada.auth)
    assert await found(client, word) == []
    await ada.post(f"{path}/restore", {})
    assert await found(client, word) == ["Draft"]


async def test_an_edit_is_found_by_its_new_words_only(client: AsyncClient, ada: Person) -> None:
    old, new = f"w{uuid4().hex}", f"w{uuid4().hex}"
    post = await write(ada, "A title", old, tags=[f"t{old}"])
    change = {"body": new, "tags": [f"t{new}"]}
    await ada.client.patch(f"{POSTS}/{post['id']}", json=change, headers=ada.auth)
    assert [await found(client, word) for word in (old, f"t{old}", new, f"t{new}")] == [
        [],
        [],
        ["A title"],
        ["A title"],
    ]


async def test_the_locked_part_of_a_paid_post_cannot_be_found(client: AsyncClient, ada: Person) -> None:
    shown, locked = f"w{uuid4().hex}", f"w{uuid4().hex}"
    post = await write(ada, "A title", f"{shown} {'and so on ' * 40} {locked}")
    assert await found(client, locked) == ["A title"]
    price = {"amount": 100, "currency": "EUR", "account_id": await ada.account()}
    priced = await ada.client.put(f"{POSTS}/{post['id']}/price", json=price, headers=ada.auth)
    assert priced.status_code == 204, priced.text
    assert await found(client, locked) == []
    assert await found(client, shown) == ["A title"]
    await ada.client.delete(f"{POSTS}/{post['id']}/price", headers=ada.auth)
    assert await found(client, locked) == ["A title"]


async def test_a_text_of_very_many_different_words_is_kept_and_found_by_its_first(
    client: AsyncClient, ada: Person
) -> None:
    first = f"w{uuid4().hex}"
    letters = [chr(0x10400 + n) for n in range(40)]
    words = "-".join(
        a + b + c + d for a in letters[:7] for b in letters[:20] for c in letters[:20] for d in letters[:7]
    )
    await write(ada, "Many words", f"{first} {words}"[:100_000])
    assert await found(client, first) == ["Many words"]


async def test_who_is_erased_is_not_found(
    client: AsyncClient, ada: Person, owner_connection: psycopg.Connection
) -> None:
    word = f"w{uuid4().hex}"
    await write(ada, "A title", word)
    owner_connection.execute("SELECT posts.erase(%s)", [ada.id])
    assert await found(client, word) == []
