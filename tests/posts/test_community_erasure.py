"""Of an erased person nothing is left in others' conversations but a place in the thread."""

import psycopg
from httpx import AsyncClient

from posts import background
from tests.people import Person
from tests.posts.test_comments import say
from tests.posts.test_posts import POSTS, write
from tests.posts.test_reactions import put


async def test_a_thread_outlives_who_began_it_and_counts_stay_exact(
    client: AsyncClient, ada: Person, bob: Person, owner_connection: psycopg.Connection
) -> None:
    post = (await write(ada))["id"]
    top = await say(bob, post, "words of Bob")
    await say(ada, post, "an answer", top["id"])
    for who in (ada, bob):
        await put(who, f"{post}/reactions/like")
    await background.run_due()
    owner_connection.execute("SELECT posts.erase(%s)", [bob.id])
    (shown,) = (await client.get(f"{POSTS}/{post}/comments")).json()["items"]
    assert (shown["author"], shown["body"], shown["deleted"]) == (None, "", True)
    assert [reply["body"] for reply in shown["replies"]] == ["an answer"]
    for _ in range(2):
        assert (await client.get(f"{POSTS}/{post}")).json()["counts"] == {"comments": 1, "reactions": {"like": 1}}
        await background.run_due()
    kinds = [each["kind"] for each in (await ada.get(f"{POSTS}/notifications")).json()["items"]]
    assert kinds == ["reaction"]


async def test_the_conversation_on_an_erased_persons_post_goes_with_it(
    ada: Person, bob: Person, owner_connection: psycopg.Connection
) -> None:
    post = (await write(ada, tags=["common"]))["id"]
    top = await say(bob, post)
    await say(bob, post, "an answer", top["id"])
    await put(bob, f"{post}/reactions/like")
    await put(bob, f"{post}/bookmark")
    await put(bob, f"follows/authors/{ada.id}")
    owner_connection.execute("SELECT posts.erase(%s)", [ada.id])
    await background.run_due()
    for table in ("comments", "reactions", "bookmarks", "counters", "counter_deltas", "happenings", "announcements"):
        left = f"SELECT count(*) FROM posts.{table} WHERE post_id = %s"
        assert owner_connection.execute(left.encode(), [post]).fetchone() == (0,), table
    assert (await bob.get(f"{POSTS}/follows")).json()["authors"] == []
    assert (await bob.get(f"{POSTS}/bookmarks")).json()["items"] == []
