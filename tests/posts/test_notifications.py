import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from posts import background, telling
from posts.mentions import handles
from tests.people import People, Person
from tests.posts.test_comments import say
from tests.posts.test_posts import POSTS, write
from tests.posts.test_reactions import drop, put


async def told(who: Person, **query: Any) -> list[dict[str, Any]]:
    await background.run_due()
    answer = await who.get(f"{POSTS}/notifications", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def _kinds(who: Person) -> list[str]:
    return [each["kind"] for each in await told(who)]


async def _unread(who: Person) -> int:
    return int((await who.get(f"{POSTS}/notifications")).json()["unread"])


async def _named(people: People, name: str) -> tuple[Person, str]:
    person, handle = await people.person(name), f"h{secrets.token_hex(6)}"
    changed = await person.client.patch("/v1/auth/me", json={"handle": handle}, headers=person.auth)
    assert changed.status_code == 200, changed.text
    return person, handle


async def test_of_one_comment_nobody_is_told_twice_nor_of_their_own(people: People, ada: Person, bob: Person) -> None:
    cy, handle = await _named(people, "Cy")
    post = (await write(ada))["id"]
    top = await say(cy, post, "first")
    assert await _kinds(ada) == ["comment"]
    answer = await say(bob, post, f"@{handle} @{handle} hello", top["id"])
    (reply,) = await told(cy)
    assert (reply["kind"], reply["actor"]["display_name"], reply["comment_id"]) == ("reply", "Bob", answer["id"])
    assert (reply["post_id"], reply["post_title"]) == (post, "A title")
    await say(cy, post, f"to myself @{handle}", top["id"])
    assert await _kinds(cy) == ["reply"]
    assert await _kinds(ada) == ["comment"] * 3
    await say(bob, post, f"you, @{handle.upper()}?")
    assert await _kinds(cy) == ["mention", "reply"]
    assert await _kinds(bob) == []


async def test_what_is_gone_is_not_told(ada: Person, bob: Person) -> None:
    post = (await write(ada))["id"]
    said = await say(bob, post)
    assert (await _kinds(ada), await _unread(ada)) == (["comment"], 1)
    early = await say(bob, post)
    for each in (said, early):
        await bob.client.delete(f"{POSTS}/comments/{each['id']}", headers=bob.auth)
    assert (await _kinds(ada), await _unread(ada)) == ([], 0)
    await say(bob, post)
    await ada.client.delete(f"{POSTS}/{post}", headers=ada.auth)
    assert await _kinds(ada) == []


async def test_reactions_are_one_notification_that_comes_again_with_more_people(people: People, ada: Person) -> None:
    post = (await write(ada))["id"]
    crowd = [await people.person(f"P{n}") for n in range(3)]
    await put(ada, f"{post}/reactions/like")
    assert await told(ada) == []
    for person in crowd[:2]:
        await put(person, f"{post}/reactions/like")
        await put(person, f"{post}/reactions/love")
    (one,) = await told(ada)
    assert (one["kind"], one["people"], one["actor"], one["read_at"]) == ("reaction", 2, None, None)
    await ada.post(f"{POSTS}/notifications/read", {})
    for _ in range(3):
        await drop(crowd[0], f"{post}/reactions/like")
        await put(crowd[0], f"{post}/reactions/like")
        (same,) = await told(ada)
        assert same["read_at"] is not None
    await put(crowd[2], f"{post}/reactions/sad")
    (more,) = await told(ada)
    assert (more["id"], more["people"], more["read_at"]) == (one["id"], 3, None)


async def test_a_new_follower_is_told_once(ada: Person, bob: Person) -> None:
    for _ in range(2):
        await put(bob, f"follows/authors/{ada.id}")
        assert await _kinds(ada) == ["follower"]
        await drop(bob, f"follows/authors/{ada.id}")


async def test_followers_hear_of_a_post_when_it_is_published(
    people: People, ada: Person, bob: Person, owner_connection: psycopg.Connection
) -> None:
    cy, handle = await _named(people, "Cy")
    for who in (bob, cy):
        await put(who, f"follows/authors/{ada.id}")
    scheduled = (await write(ada, "Later", f"hello @{handle}"))["id"]
    moment = "UPDATE posts.posts SET published_at = %s WHERE id = %s"
    owner_connection.execute(moment, [datetime.now(UTC) + timedelta(hours=1), scheduled])
    assert (await _kinds(bob), await _kinds(cy)) == ([], [])
    owner_connection.execute(moment, [datetime.now(UTC), scheduled])
    assert (await _kinds(bob), await _kinds(cy)) == (["post"], ["mention"])
    assert (await _kinds(bob), await _kinds(cy)) == (["post"], ["mention"])


async def test_a_crowd_of_followers_is_told_in_batches_by_many_workers_once_each(
    ada: Person, owner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow = """INSERT INTO posts.followed_authors (person_id, author_id)
        SELECT uuidv7(), %s FROM generate_series(1, 10000)"""
    owner_connection.execute(follow, [ada.id])
    monkeypatch.setattr(telling, "_FOLLOWERS", 700)
    post = (await write(ada))["id"]
    count = "SELECT count(*), count(DISTINCT recipient_id) FROM posts.notifications WHERE post_id = %s"
    assert owner_connection.execute(count, [post]).fetchone() == (0, 0)
    await asyncio.gather(*(telling.announce() for _ in range(4)))
    await telling.announce()
    assert owner_connection.execute(count, [post]).fetchone() == (10_000, 10_000)


async def test_what_is_muted_is_not_told(ada: Person, bob: Person) -> None:
    path = f"{POSTS}/notifications/settings"
    everything = dict.fromkeys(("comment", "reply", "mention", "follower", "reaction", "post"), True)
    assert (await ada.get(path)).json() == {**everything, "digest": "weekly"}
    change = {**everything, "comment": False, "reaction": False, "digest": "off"}
    assert (await ada.client.put(path, json=change, headers=ada.auth)).json() == change
    assert (await ada.get(path)).json() == change
    post = (await write(ada))["id"]
    await say(bob, post)
    await put(bob, f"{post}/reactions/like")
    await put(bob, f"follows/authors/{ada.id}")
    assert await _kinds(ada) == ["follower"]
    for wrong in ({"digest": "hourly"}, {"comments": False}, {"comment": None}):
        assert (await ada.client.put(path, json=wrong, headers=ada.auth)).status_code == 422


async def test_reading_up_to_one_leaves_the_newer(ada: Person, bob: Person) -> None:
    post = (await write(ada))["id"]
    for n in range(4):
        await say(bob, post, str(n))
        await background.run_due()
    first = (await ada.get(f"{POSTS}/notifications", params={"limit": 3})).json()
    rest = (await ada.get(f"{POSTS}/notifications", params={"limit": 3, "cursor": first["next_cursor"]})).json()
    ids = [each["id"] for each in first["items"] + rest["items"]]
    assert (len(set(ids)), first["unread"], rest["next_cursor"]) == (4, 4, None)
    read = f"{POSTS}/notifications/read"
    # Another's, or nobody's, marks nothing.
    for who, up_to in ((bob, ids[0]), (ada, str(uuid4()))):
        assert (await who.post(read, {"up_to": up_to})).status_code == 204
        assert await _unread(ada) == 4
    await ada.post(read, {"up_to": ids[1]})
    assert await _unread(ada) == 1
    await ada.post(read, {})
    assert await _unread(ada) == 0
    assert (await ada.get(f"{POSTS}/notifications", params={"cursor": "x"})).status_code == 400


@pytest.mark.parametrize(("locale", "line"), [("en", "Comments on your posts: 2"), ("ru", "вашим записям: 2")])
async def test_a_letter_says_what_was_not_read_and_never_twice(
    ada: Person, bob: Person, owner_connection: psycopg.Connection, locale: str, line: str
) -> None:
    owner_connection.execute("UPDATE auth.users SET locale = %s WHERE id = %s", [locale, ada.id])
    letters = "SELECT text, html FROM auth.mails WHERE recipient = %s"
    due = "UPDATE posts.digests SET due_at = now() WHERE person_id = %s"
    post = (await write(ada))["id"]
    await say(bob, post, "one")
    await say(bob, post, "two")
    await background.run_due()
    assert owner_connection.execute(letters, [ada.email]).fetchall() == []
    owner_connection.execute(due, [ada.id])
    await asyncio.gather(*(background.run_due() for _ in range(3)))
    ((text, html),) = owner_connection.execute(letters, [ada.email]).fetchall()
    for form in (text, html):
        assert line in form
        assert "/notifications/settings" in form
        assert "Bob" not in form
    await say(bob, post, "three")
    await background.run_due()
    await ada.post(f"{POSTS}/notifications/read", {})
    owner_connection.execute(due, [ada.id])
    await background.run_due()
    assert len(owner_connection.execute(letters, [ada.email]).fetchall()) == 1


async def test_who_wants_no_letters_gets_none(ada: Person, bob: Person, owner_connection: psycopg.Connection) -> None:
    path = f"{POSTS}/notifications/settings"
    planned = "SELECT count(*) FROM posts.digests WHERE person_id = %s"
    post = (await write(ada))["id"]
    await say(bob, post)
    await background.run_due()
    assert owner_connection.execute(planned, [ada.id]).fetchone() == (1,)
    await ada.client.put(path, json={"digest": "off"}, headers=ada.auth)
    await say(bob, post)
    await background.run_due()
    assert owner_connection.execute(planned, [ada.id]).fetchone() == (0,)
    await ada.client.put(path, json={"digest": "daily"}, headers=ada.auth)
    row = owner_connection.execute("SELECT due_at FROM posts.digests WHERE person_id = %s", [ada.id]).fetchone()
    assert row is not None
    assert row[0] - datetime.now(UTC) <= timedelta(days=1)


def test_handles_are_found_where_somebody_is_spoken_to() -> None:
    html = (
        "<p>@ada, (@Bob_1) mail@example.org @@no /@path <code>@code</code> <a href='https://x/@link'>@link</a>"
        " @ab @" + "x" * 31 + " &#64;entity</p><pre><code>@block</code></pre>"
    )
    assert handles(html) == ["ada", "bob_1", "entity"]
    assert len(handles(" ".join(f"@user{n}" for n in range(50)))) == 20


async def test_after_half_a_year_news_are_put_away(
    ada: Person, bob: Person, owner_connection: psycopg.Connection
) -> None:
    post = (await write(ada))["id"]
    for age in (181, 179):
        await say(bob, post, f"{age}")
        await background.run_due()
        older = f"UPDATE posts.notifications SET at = at - interval '{age} days' WHERE recipient_id = %s AND at > now() - interval '1 day'"
        owner_connection.execute(older.encode(), [ada.id])
    assert len(await told(ada)) == 1
