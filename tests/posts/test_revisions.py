"""What an edit or a deletion takes away can be had back."""

import asyncio

import psycopg
from httpx import AsyncClient

from common.scopes import USER
from posts import restoring
from tests.people import People, Person
from tests.posts.test_posts import POSTS, write


async def _edit(author: Person, post_id: str, **change: object) -> None:
    done = await author.client.patch(f"{POSTS}/{post_id}", json=change, headers=author.auth)
    assert done.status_code == 200, done.text


async def test_each_edit_keeps_what_was_before(ada: Person) -> None:
    post = await write(ada, "First", "one\ntwo\nthree", tags=["old"])
    await _edit(ada, post["id"], body="one\n2\nthree\nfour", tags=["new"])
    await _edit(ada, post["id"], title="Third")
    listed = (await ada.get(f"{POSTS}/{post['id']}/revisions")).json()
    assert [(r["version"], r["title"]) for r in listed["items"]] == [(2, "First"), (1, "First")]
    first = (await ada.get(f"{POSTS}/{post['id']}/revisions/1")).json()
    assert (first["body"], first["tags"], first["editor_id"]) == ("one\ntwo\nthree", ["old"], str(ada.id))
    assert (await ada.get(f"{POSTS}/{post['id']}/revisions/3")).json()["title"] == "Third"
    assert (await ada.get(f"{POSTS}/{post['id']}/revisions/4")).json()["code"] == "RevisionNotFound"


async def test_two_versions_are_compared_line_by_line(ada: Person) -> None:
    post = await write(ada, "First", "one\ntwo\nthree", tags=["old", "same"])
    await _edit(ada, post["id"], title="Second", body="one\n2\nthree\nfour", tags=["new", "same"])
    difference = (await ada.get(f"{POSTS}/{post['id']}/revisions/1/diff")).json()
    assert [(line["kind"], line["text"]) for line in difference["lines"]] == [
        ("equal", "one"),
        ("removed", "two"),
        ("added", "2"),
        ("equal", "three"),
        ("added", "four"),
    ]
    assert (difference["title"], difference["against"]) == (["First", "Second"], 2)
    assert (difference["tags_added"], difference["tags_removed"]) == (["new"], ["old"])
    back = (await ada.get(f"{POSTS}/{post['id']}/revisions/2/diff", params={"against": 1})).json()
    assert back["title"] == ["Second", "First"]


async def test_huge_texts_are_compared_in_part(ada: Person) -> None:
    post = await write(ada, "Long", "\n".join(str(n) for n in range(15_000)))
    await _edit(ada, post["id"], body="\n".join(str(-n) for n in range(15_000)))
    difference = (await ada.get(f"{POSTS}/{post['id']}/revisions/1/diff")).json()
    assert difference["truncated"]
    assert len(difference["lines"]) <= 6000


async def test_an_old_version_becomes_the_newest_again(ada: Person) -> None:
    post = await write(ada, "First", "one", tags=["old"])
    await _edit(ada, post["id"], title="Second", body="two", tags=[])
    restored = (await ada.post(f"{POSTS}/{post['id']}/revisions/1/restore", {})).json()
    assert (restored["title"], restored["body"], restored["tags"], restored["version"]) == ("First", "one", ["old"], 3)


async def test_others_see_no_revisions(ada: Person, bob: Person, client: AsyncClient) -> None:
    post = await write(ada)
    await _edit(ada, post["id"], title="Second")
    for path in ("revisions", "revisions/1", "revisions/1/diff"):
        assert (await bob.get(f"{POSTS}/{post['id']}/{path}")).json()["code"] == "NotTheAuthor"
        assert (await client.get(f"{POSTS}/{post['id']}/{path}")).status_code == 401


async def test_of_two_edits_of_one_version_one_is_refused_and_nothing_is_lost(ada: Person) -> None:
    post = await write(ada)
    headers = {**ada.auth, "If-Match": '"1"'}
    path = f"{POSTS}/{post['id']}"
    answers = await asyncio.gather(
        *(ada.client.patch(path, json={"title": f"Edit {n}"}, headers=headers) for n in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    assert [r["version"] for r in (await ada.get(f"{path}/revisions")).json()["items"]] == [1]


async def test_a_deleted_post_is_brought_back(ada: Person, bob: Person, client: AsyncClient) -> None:
    post = await write(ada)
    path = f"{POSTS}/{post['id']}"
    assert (await client.delete(path, headers=ada.auth)).status_code == 204
    assert (await client.get(path)).status_code == 404
    listed = (await ada.get(f"{POSTS}/deleted")).json()["items"]
    assert [each["id"] for each in listed] == [post["id"]]
    assert (await bob.post(f"{path}/restore", {})).status_code == 404
    assert (await ada.post(f"{path}/restore", {})).status_code == 200
    assert (await client.get(path)).status_code == 200
    assert (await ada.post(f"{path}/restore", {})).status_code == 404
    assert (await ada.get(f"{POSTS}/deleted")).json()["items"] == []


async def test_after_30_days_it_is_gone(ada: Person, client: AsyncClient, owner_connection: psycopg.Connection) -> None:
    post = await write(ada, tags=["only here"])
    await client.delete(f"{POSTS}/{post['id']}", headers=ada.auth)
    old = "UPDATE posts.posts SET deleted_at = now() - interval '31 days' WHERE id = %s"
    owner_connection.execute(old, [post["id"]])
    assert (await ada.post(f"{POSTS}/{post['id']}/restore", {})).status_code == 404
    await restoring.remove_for_good()
    assert owner_connection.execute("SELECT FROM posts.posts WHERE id = %s", [post["id"]]).fetchone() is None
    assert owner_connection.execute("SELECT FROM posts.tags WHERE name = 'only here'").fetchone() is None


async def test_what_a_moderator_deleted_its_author_cannot_bring_back(
    people: People, ada: Person, client: AsyncClient
) -> None:
    post = await write(ada)
    moderator = await people.person("Mod", scope=USER | {"posts:moderate"}, roles=("user", "moderator"))
    assert (await client.delete(f"{POSTS}/{post['id']}", headers=moderator.auth)).status_code == 204
    assert (await ada.post(f"{POSTS}/{post['id']}/restore", {})).json()["code"] == "DeletedByModerator"
    assert (await moderator.post(f"{POSTS}/{post['id']}/restore", {})).status_code == 200
