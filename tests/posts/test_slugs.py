"""What posts are called in their addresses."""

import asyncio
from uuid import uuid4

import pytest
from httpx import AsyncClient

from posts.slugs import RESERVED
from tests.people import Person
from tests.posts.test_posts import POSTS, write
from tests.template.routes import implemented


def _slug() -> str:
    return f"my-{uuid4().hex[:12]}"


async def test_a_slug_of_ones_own_leads_to_the_post(client: AsyncClient, ada: Person) -> None:
    slug = _slug()
    post = await write(ada, slug=slug)
    assert post["slug"] == slug
    assert (await client.get(f"{POSTS}/{slug}")).json() == post


async def test_former_slugs_lead_on_and_can_be_had_back(client: AsyncClient, ada: Person) -> None:
    first, second = _slug(), _slug()
    post = await write(ada, slug=first)
    path = f"{POSTS}/{post['id']}"
    for slug in (second, first, second):
        changed = await ada.client.patch(path, json={"slug": slug}, headers=ada.auth)
        assert changed.json()["slug"] == slug
        for name in (first, second):
            answer = await client.get(f"{POSTS}/{name}")
            assert (answer.json()["id"], answer.json()["slug"]) == (post["id"], slug)


async def test_nobody_else_can_be_called_as_a_post_is_or_was(ada: Person, bob: Person) -> None:
    first, second = _slug(), _slug()
    post = await write(ada, slug=first)
    await ada.client.patch(f"{POSTS}/{post['id']}", json={"slug": second}, headers=ada.auth)
    his = await write(bob)
    for slug in (first, second):
        for refused in (
            await bob.post(POSTS, {"title": "x", "body": "x", "slug": slug}),
            await bob.client.patch(f"{POSTS}/{his['id']}", json={"slug": slug}, headers=bob.auth),
        ):
            assert (refused.status_code, refused.json()["code"]) == (409, "SlugTaken")


async def test_of_many_who_want_a_slug_at_once_one_has_it(ada: Person, bob: Person) -> None:
    slug = _slug()
    order = {"title": "x", "body": "x", "slug": slug}
    answers = await asyncio.gather(*(who.post(POSTS, order) for who in (ada, bob) * 8))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 15


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "A",
        "a_b",
        "-a",
        "a-",
        "a--b",
        "a b",
        "привет",
        "a" * 101,
        "search",
        "feed",
        "01a217c1-1876-7c89-b1c4-e2719c446c71",
        "01a217c118767c89b1c4e2719c446c71",
        "a/b",
        "a.b",
    ],
)
async def test_what_is_no_slug_is_told_so(ada: Person, slug: str) -> None:
    refused = await ada.post(POSTS, {"title": "x", "body": "x", "slug": slug})
    assert refused.status_code == 422
    assert "slug" in refused.text


def test_no_post_can_hide_a_path_of_the_api() -> None:
    paths = [route.path for route in implemented() if route.path.startswith(f"{POSTS}/")]
    words = {path.removeprefix(f"{POSTS}/").split("/")[0] for path in paths}
    assert {word for word in words if "{" not in word and "." not in word} <= RESERVED
    assert "search" in words
