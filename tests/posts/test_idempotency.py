"""Posts and comments under an Idempotency-Key."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from httpx import AsyncClient

from posts import background
from tests.people import Person
from tests.posts.test_posts import POSTS, write

ORDER = {"title": "Once", "body": "and only once"}


async def _titles(client: AsyncClient, author: Person) -> list[str]:
    page = (await client.get(POSTS, params={"author": str(author.id)})).json()
    return [post["title"] for post in page["items"]]


async def test_thirty_two_requests_with_one_key_write_one_post(client: AsyncClient, ada: Person) -> None:
    key = uuid4().hex
    answers = await asyncio.gather(*(ada.post(POSTS, ORDER, key) for _ in range(32)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 31
    assert await _titles(client, ada) == ["Once"]


async def test_one_comment_too(client: AsyncClient, ada: Person, bob: Person) -> None:
    path, key = f"{POSTS}/{(await write(ada))['id']}/comments", uuid4().hex
    answers = await asyncio.gather(*(bob.post(path, {"body": "Once"}, key) for _ in range(16)))
    assert {answer.status_code for answer in answers} == {201}
    assert len((await client.get(path)).json()["items"]) == 1


async def test_a_key_stands_for_one_request_of_one_person(ada: Person, bob: Person) -> None:
    key = uuid4().hex
    post = (await ada.post(POSTS, ORDER, key)).json()
    others = [
        await ada.post(POSTS, ORDER | {"title": "Twice"}, key),
        await ada.post(f"{POSTS}/{post['id']}/comments", {"body": "x"}, key),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in others] == [(422, "IdempotencyKeyReused")] * 2
    assert (await bob.post(POSTS, ORDER, key)).json()["id"] != post["id"]


async def test_a_refused_request_leaves_its_key_free(ada: Person) -> None:
    key, taken = uuid4().hex, f"s{uuid4().hex[:8]}"
    await write(ada, slug=taken)
    assert (await ada.post(POSTS, ORDER | {"slug": taken}, key)).status_code == 409
    assert (await ada.post(POSTS, ORDER, key)).status_code == 201


async def test_without_a_key_each_request_is_another(client: AsyncClient, ada: Person) -> None:
    for _ in range(2):
        await ada.client.post(POSTS, json=ORDER, headers=ada.auth)
    assert await _titles(client, ada) == ["Once", "Once"]


@pytest.mark.parametrize("key", [b"", b" ", b"x" * 201, b"\xe9"])
async def test_what_is_no_key_is_told_so(ada: Person, key: bytes) -> None:
    headers = {name.encode(): value.encode() for name, value in ada.auth.items()} | {b"Idempotency-Key": key}
    refused = await ada.client.post(POSTS, json=ORDER, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (400, "IdempotencyKeyMissing")


async def test_the_post_as_it_is_now_is_the_answer_and_404_when_it_is_gone(
    ada: Person, owner_connection: psycopg.Connection
) -> None:
    key = uuid4().hex
    post = (await ada.post(POSTS, ORDER, key)).json()
    await ada.client.patch(f"{POSTS}/{post['id']}", json={"title": "Better"}, headers=ada.auth)
    assert (await ada.post(POSTS, ORDER, key)).json()["title"] == "Better"
    owner_connection.execute("SELECT posts.remove_posts(ARRAY[%s]::uuid[])", [post["id"]])
    assert (await ada.post(POSTS, ORDER, key)).status_code == 404


async def test_keys_are_forgotten_after_thirty_days(ada: Person, owner_connection: psycopg.Connection) -> None:
    keys = [uuid4().hex, uuid4().hex]
    for key in keys:
        await ada.post(POSTS, ORDER, key)
    old = "UPDATE posts.idempotency_keys SET created_at = now() - %s WHERE key = %s"
    owner_connection.execute(old, [timedelta(days=30, minutes=1), keys[0]])
    await background.run_due()
    left = owner_connection.execute("SELECT key FROM posts.idempotency_keys WHERE key = ANY (%s)", [keys]).fetchall()
    assert left == [(keys[1],)]
