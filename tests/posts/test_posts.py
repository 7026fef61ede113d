import secrets
from typing import Any

import pytest
from httpx import AsyncClient

from common.pagination import Page
from common.scopes import USER
from posts.schemas import PostRead, PostSummary
from tests.people import People, Person

POSTS = "/v1/posts"


async def write(author: Person, title: str = "A title", body: str = "Some *text*.", **other: Any) -> dict[str, Any]:
    made = await author.client.post(POSTS, json={"title": title, "body": body, **other}, headers=author.auth)
    assert made.status_code == 201, made.text
    written: dict[str, Any] = made.json()
    return written


async def _titles(client: AsyncClient, **query: Any) -> list[str]:
    seen: list[str] = []
    while True:
        page = (await client.get(POSTS, params=query)).json()
        seen += [post["title"] for post in page["items"]]
        if page["next_cursor"] is None:
            return seen
        query["cursor"] = page["next_cursor"]


async def test_a_post_is_read_by_anybody_by_id_and_slug(client: AsyncClient, ada: Person) -> None:
    made = await write(ada, "Привет, мир!", "Some *text*.", tags=["News"])
    assert made["slug"].startswith("privet-mir-")
    for name in (made["id"], made["slug"]):
        answer = await client.get(f"{POSTS}/{name}")
        assert PostRead.model_validate_json(answer.content, strict=False).html == "<p>Some <em>text</em>.</p>\n"
        assert answer.json() == made
    assert made["author"] == {"id": str(ada.id), "display_name": "Ada"}


async def test_the_feed_is_newest_first_and_pages_without_gap(client: AsyncClient, ada: Person) -> None:
    for number in range(7):
        await write(ada, f"Post {number}")
    newest_first = [f"Post {number}" for number in reversed(range(7))]
    assert await _titles(client, author=ada.id, limit=3) == newest_first
    assert await _titles(client, author=ada.id, limit=7) == newest_first
    whole = await client.get(POSTS)
    assert Page[PostSummary].model_validate_json(whole.content).items[0].title == "Post 6"


async def test_a_cursor_survives_the_post_it_came_from(client: AsyncClient, ada: Person) -> None:
    made = [await write(ada, f"Post {number}") for number in range(4)]
    first = (await client.get(POSTS, params={"author": str(ada.id), "limit": 2})).json()
    await client.delete(f"{POSTS}/{made[2]['id']}", headers=ada.auth)
    rest = await _titles(client, author=ada.id, limit=2, cursor=first["next_cursor"])
    assert rest == ["Post 1", "Post 0"]


async def test_tags_are_many_to_many_and_normalised(client: AsyncClient, ada: Person) -> None:
    one, two = f"Один {secrets.token_hex(3)}", f"two-{secrets.token_hex(3)}"
    await write(ada, "Both", tags=[f" {one.upper()} ", two, two])
    await write(ada, "First only", tags=[f"#{one}"])
    assert await _titles(client, tag=one) == ["First only", "Both"]
    assert await _titles(client, tag=one, limit=1) == ["First only", "Both"]
    assert await _titles(client, tag=two.upper()) == ["Both"]


async def test_an_edit_changes_what_was_given_and_counts(client: AsyncClient, ada: Person) -> None:
    made = await write(ada, "Before", tags=["a", "b"])
    path = f"{POSTS}/{made['id']}"
    edited = (await client.patch(path, json={"title": "After"}, headers=ada.auth)).json()
    assert (edited["title"], edited["body"], edited["tags"], edited["version"]) == (
        "After",
        "Some *text*.",
        ["a", "b"],
        2,
    )
    assert edited["slug"] == made["slug"]
    retagged = (await client.patch(path, json={"tags": ["c"]}, headers=ada.auth)).json()
    assert (retagged["tags"], retagged["version"]) == (["c"], 3)


async def test_an_edit_of_an_old_version_is_refused(client: AsyncClient, ada: Person) -> None:
    path = f"{POSTS}/{(await write(ada))['id']}"
    etag = (await client.get(path)).headers["etag"]
    headers = {**ada.auth, "If-Match": etag}
    assert (await client.patch(path, json={"title": "First"}, headers=headers)).status_code == 200
    lost = await client.patch(path, json={"title": "Second"}, headers=headers)
    assert (lost.status_code, lost.json()["code"]) == (412, "PostChanged")
    assert (await client.get(path)).json()["title"] == "First"
    nonsense = await client.patch(path, json={"title": "x"}, headers={**ada.auth, "If-Match": "nonsense"})
    assert nonsense.status_code == 400


async def test_only_the_author_or_a_moderator_changes_a_post(
    client: AsyncClient, people: People, ada: Person, bob: Person
) -> None:
    path = f"{POSTS}/{(await write(ada))['id']}"
    for answer in (
        await client.patch(path, json={"title": "Mine"}, headers=bob.auth),
        await client.delete(path, headers=bob.auth),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "NotTheAuthor")
    scope = USER | {"posts:moderate"}
    moderator = await people.person("Mod", scope=scope, roles=("user", "moderator"))
    assert (await client.patch(path, json={"title": "Milder"}, headers=moderator.auth)).status_code == 200
    assert (await client.delete(path, headers=moderator.auth)).status_code == 204


async def test_a_deleted_post_is_gone_from_everywhere(client: AsyncClient, ada: Person) -> None:
    tag = f"gone-{secrets.token_hex(3)}"
    made = await write(ada, tags=[tag])
    path = f"{POSTS}/{made['id']}"
    assert (await client.delete(path, headers=ada.auth)).status_code == 204
    assert (await client.get(path)).status_code == 404
    assert (await client.get(f"{POSTS}/{made['slug']}")).status_code == 404
    assert await _titles(client, tag=tag) == []
    assert (await client.delete(path, headers=ada.auth)).status_code == 404


async def test_readers_who_have_it_get_304(client: AsyncClient, ada: Person) -> None:
    made = await write(ada)
    for path in (f"{POSTS}/{made['id']}", f"{POSTS}?author={ada.id}"):
        first = await client.get(path)
        again = await client.get(path, headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]


async def test_writing_needs_a_token_with_its_scope(client: AsyncClient, people: People) -> None:
    assert (await client.post(POSTS, json={"title": "t", "body": "b"})).status_code == 401
    reader = await people.person("Reader", scope=frozenset({"money:read"}))
    assert (await client.post(POSTS, json={"title": "t", "body": "b"}, headers=reader.auth)).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"title": "   "},
        {"title": "x" * 201},
        {"title": "a\nb"},
        {"body": ""},
        {"body": " \n "},
        {"body": "a\x00b"},
        {"body": "x" * 100_001},
        {"tags": ["x"] * 11},
        {"tags": ["a,b"]},
        {"tags": [" "]},
        {"tags": ["x" * 41]},
        {"html": "<b>x</b>"},
        {"author_id": "01a20953-06ae-7956-9bb4-ea874e6c8762"},
    ],
)
async def test_malformed_posts_are_422(client: AsyncClient, ada: Person, change: dict[str, Any]) -> None:
    body = {"title": "t", "body": "b", **change}
    assert (await client.post(POSTS, json=body, headers=ada.auth)).status_code == 422


@pytest.mark.parametrize(
    "name", ["%00", "x" * 300, "no-such-post", "01a20953-06ae-7956-9bb4-ea874e6c8762", "%ff", "..%2f..", "' OR 1=1"]
)
async def test_a_strange_name_is_404_or_422(client: AsyncClient, name: str) -> None:
    assert (await client.get(f"{POSTS}/{name}")).status_code in (404, 422)


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"cursor": ""}])
async def test_a_strange_cursor_is_400_or_the_first_page(client: AsyncClient, query: dict[str, str]) -> None:
    assert (await client.get(POSTS, params=query)).status_code == (400 if query["cursor"] else 200)


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](javascript:alert(1))",
        "<a href='javascript:alert(1)'>x</a>",
        "<svg/onload=alert(1)>",
        '[x](https://example.org "onmouseover=alert(1)")',
        "`<script>`",
        "<iframe srcdoc='<script>alert(1)</script>'>",
    ],
)
async def test_nothing_in_a_body_is_executed(ada: Person, body: str) -> None:
    html = (await write(ada, body=body))["html"].lower()
    for executable in (
        "<script",
        "<svg",
        "<iframe",
        "<img src=x",
        'href="javascript',
        'src="javascript',
        'href="data:',
    ):
        assert executable not in html
