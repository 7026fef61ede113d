"""Drafts, and posts that wait for their moment."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from httpx import AsyncClient

from posts import telling
from tests.people import Person
from tests.posts.test_posts import POSTS, write


def _hours(n: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=n)).isoformat()


async def _seen(client: AsyncClient, tag: str, post_id: str) -> tuple[bool, bool]:
    """By its address, and in its tag's list."""
    listed = (await client.get(POSTS, params={"tag": tag})).json()["items"]
    return (await client.get(f"{POSTS}/{post_id}")).status_code == 200, post_id in {post["id"] for post in listed}


async def test_a_draft_is_its_authors_alone(ada: Person, bob: Person, client: AsyncClient) -> None:
    draft = await write(ada, tags=["alone"], draft=True)
    assert draft["published_at"] is None
    assert await _seen(client, "alone", draft["id"]) == (False, False)
    assert [each["id"] for each in (await ada.get(f"{POSTS}/drafts")).json()["items"]] == [draft["id"]]
    assert (await ada.get(f"{POSTS}/{draft['id']}/full")).json()["body"] == "Some *text*."
    assert (await bob.get(f"{POSTS}/{draft['id']}/full")).status_code == 404
    assert (await bob.get(f"{POSTS}/drafts")).json()["items"] == []


async def test_it_is_published_and_taken_back(ada: Person, client: AsyncClient) -> None:
    draft = await write(ada, tags=["back"], draft=True)
    path = f"{POSTS}/{draft['id']}"
    published = await client.patch(path, json={"draft": False}, headers=ada.auth)
    assert published.json()["published_at"] is not None
    assert await _seen(client, "back", draft["id"]) == (True, True)
    again = await client.patch(path, json={"draft": False, "title": "New"}, headers=ada.auth)
    assert again.json()["published_at"] == published.json()["published_at"]
    assert (await client.patch(path, json={"draft": True}, headers=ada.auth)).json()["published_at"] is None
    assert await _seen(client, "back", draft["id"]) == (False, False)


async def test_a_post_waits_for_its_moment(
    ada: Person, client: AsyncClient, owner_connection: psycopg.Connection
) -> None:
    post = await write(ada, tags=["waits"], publish_at=_hours(1))
    assert await _seen(client, "waits", post["id"]) == (False, False)
    (waiting,) = (await ada.get(f"{POSTS}/drafts")).json()["items"]
    assert datetime.fromisoformat(waiting["publish_at"]) == datetime.fromisoformat(post["published_at"])
    for table, key in (("posts", "id"), ("post_tags", "post_id")):
        passed = f"UPDATE posts.{table} SET published_at = published_at - interval '2 hours' WHERE {key} = %s"
        owner_connection.execute(passed.encode(), [post["id"]])
    assert await _seen(client, "waits", post["id"]) == (True, True)
    assert (await ada.get(f"{POSTS}/drafts")).json()["items"] == []


async def test_followers_are_told_when_it_is_there_and_not_before(
    ada: Person, bob: Person, client: AsyncClient
) -> None:
    assert (await client.put(f"{POSTS}/follows/authors/{ada.id}", headers=bob.auth)).status_code == 204
    draft = await write(ada, draft=True)
    await telling.announce()
    await telling.tell()
    assert (await bob.get(f"{POSTS}/notifications")).json()["items"] == []
    await client.patch(f"{POSTS}/{draft['id']}", json={"draft": False}, headers=ada.auth)
    await telling.announce()
    await telling.tell()
    assert len((await bob.get(f"{POSTS}/notifications")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"publish_at": "2020-01-01T00:00:00Z"}, "PublicationInThePast"),
        ({"publish_at": "2099-01-01T00:00:00Z", "draft": True}, "MalformedRequest"),
        ({"publish_at": "2099-01-01T00:00:00"}, "MalformedRequest"),
    ],
)
async def test_a_moment_must_be_one_to_come(ada: Person, order: dict[str, object], code: str) -> None:
    refused = await ada.post(POSTS, {"title": "A title", "body": "Text", **order})
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    post = await write(ada)
    refused = await ada.client.patch(f"{POSTS}/{post['id']}", json=order, headers=ada.auth)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
