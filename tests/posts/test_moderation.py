"""Reports, the moderators' queue, and what their decisions do."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from httpx import AsyncClient, Response

from common.scopes import USER
from posts import reports
from tests.people import People, Person
from tests.posts.test_comments import say
from tests.posts.test_notifications import told
from tests.posts.test_posts import POSTS, write

QUEUE = f"{POSTS}/moderation/queue"
MODERATION = f"{POSTS}/moderation/post"


@pytest.fixture
async def mod(people: People) -> Person:
    return await people.person("Mod", scope=USER | {"posts:moderate"}, roles=("user", "moderator"))


@pytest.fixture
async def post(ada: Person) -> str:
    """The id of a post of Ada's."""
    return str((await write(ada))["id"])


async def _report(person: Person, post: str, reason: str = "spam", **other: Any) -> Response:
    return await person.post(f"{POSTS}/{post}/report", {"reason": reason, **other})


async def decide(person: Person, post: str, action: str, reason: str = "The rules.") -> Response:
    return await person.post(f"{MODERATION}/{post}", {"action": action, "reason": reason})


async def _cases(mod: Person, *subjects: str) -> list[dict[str, Any]]:
    """Of these subjects only, over pages of two."""
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = (await mod.get(QUEUE, params=query)).json()
        found += [case for case in page["items"] if case["subject_id"] in subjects]
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]


async def test_reports_of_a_post_are_one_case_with_its_reasons(
    people: People, mod: Person, bob: Person, ada: Person, post: str
) -> None:
    eve = await people.person("Eve")
    second = str((await write(ada, "Second"))["id"])
    for person, reason in ((bob, "spam"), (eve, "hate"), (bob, "hate")):
        assert (await _report(person, post, reason)).status_code == 204
    assert (await _report(bob, second, "other", words="Look at the end.")).status_code == 204
    one, two = await _cases(mod, post, second)
    assert (one["subject_id"], one["reports"], one["reasons"]) == (post, 2, {"spam": 1, "hate": 1})
    assert (one["title"], one["author_id"], two["subject_id"]) == ("A title", str(ada.id), second)
    (told,) = (await mod.get(f"{MODERATION}/{second}")).json()["reports"]
    assert (told["reason"], told["words"]) == ("other", "Look at the end.")
    assert str(bob.id) not in str(told)


async def test_one_persons_reports_at_once_are_one(mod: Person, bob: Person, post: str) -> None:
    answers = await asyncio.gather(*(_report(bob, post) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {204}
    (case,) = await _cases(mod, post)
    assert case["reports"] == 1


async def test_many_people_at_once_are_all_counted(people: People, mod: Person, post: str) -> None:
    crowd = [await people.person("One") for _ in range(12)]
    await asyncio.gather(*(_report(person, post) for person in crowd))
    (case,) = await _cases(mod, post)
    assert (case["reports"], case["reasons"]) == (12, {"spam": 12})


async def test_who_reports_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch, ada: Person, bob: Person) -> None:
    monkeypatch.setattr(reports, "MOST_IN_WINDOW", 3)
    posts = [str((await write(ada))["id"]) for _ in range(5)]
    answers = await asyncio.gather(*(_report(bob, post) for post in posts))
    assert sorted(answer.status_code for answer in answers) == [204, 204, 204, 429, 429]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert (refused.json()["code"], refused.headers["retry-after"]) == ("TooManyReports", "900")


async def test_a_hidden_post_is_its_authors_and_the_moderators_only(
    client: AsyncClient, mod: Person, ada: Person, bob: Person, post: str
) -> None:
    await _report(bob, post)
    assert (await decide(mod, post, "hide", "It is an advertisement.")).status_code == 204
    assert (await client.get(f"{POSTS}/{post}")).status_code == 404
    assert (await client.get(POSTS, params={"author": str(ada.id)})).json()["items"] == []
    assert [(await who.get(f"{POSTS}/{post}/full")).status_code for who in (ada, mod, bob)] == [200, 200, 404]
    assert await _cases(mod, post) == []
    assert (await _report(bob, post)).status_code == 404
    change = await ada.client.patch(f"{POSTS}/{post}", json={"title": "Better"}, headers=ada.auth)
    assert (change.status_code, change.json()["title"]) == (200, "Better")
    assert (await client.get(f"{POSTS}/{post}")).status_code == 404
    assert (await decide(mod, post, "restore")).status_code == 204
    assert (await client.get(f"{POSTS}/{post}")).json()["title"] == "Better"


async def test_the_conversation_on_a_hidden_post_is_hidden_too(
    client: AsyncClient, mod: Person, ada: Person, bob: Person, post: str
) -> None:
    said = await say(bob, post)
    await say(ada, post, "you too", said["id"])
    assert [each["kind"] for each in await told(bob)] == ["reply"]
    kept = f"{POSTS}/{post}/bookmark"
    assert (await bob.client.put(kept, headers=bob.auth)).status_code == 204
    thread, replies = f"{POSTS}/{post}/comments", f"{POSTS}/comments/{said['id']}/replies"
    assert (await decide(mod, post, "hide")).status_code == 204
    refused = [
        await client.get(thread),
        await client.get(replies),
        await bob.post(thread, {"body": "x"}),
        await bob.client.put(f"{POSTS}/{post}/reactions/like", headers=bob.auth),
        await bob.client.put(kept, headers=bob.auth),
    ]
    assert [answer.status_code for answer in refused] == [404] * 5
    assert await told(bob) == []
    rude = await bob.client.delete(f"{POSTS}/comments/{said['id']}", headers=mod.auth)
    assert rude.status_code == 204
    assert (await bob.get(f"{POSTS}/bookmarks")).json()["items"] == []
    assert (await decide(mod, post, "restore")).status_code == 204
    assert [(await client.get(path)).status_code for path in (thread, replies)] == [200, 200]
    assert len((await bob.get(f"{POSTS}/bookmarks")).json()["items"]) == 1


async def test_a_removed_post_is_deleted_until_it_is_restored(
    client: AsyncClient, mod: Person, ada: Person, post: str
) -> None:
    for action in ("hide", "remove", "remove"):
        assert (await decide(mod, post, action)).status_code == 204
    assert (await client.get(f"{POSTS}/{post}")).status_code == 404
    assert (await ada.get(f"{POSTS}/{post}/full")).status_code == 404
    assert (await decide(mod, post, "restore")).status_code == 204
    assert (await client.get(f"{POSTS}/{post}")).status_code == 200
    again = await decide(mod, post, "restore")
    assert (again.status_code, again.json()["code"]) == (409, "NotHidden")


async def test_what_its_author_deleted_is_not_brought_back_by_a_moderator(
    client: AsyncClient, mod: Person, ada: Person, post: str
) -> None:
    assert (await ada.client.delete(f"{POSTS}/{post}", headers=ada.auth)).status_code == 204
    for action in ("remove", "restore"):
        assert (await decide(mod, post, action)).status_code == 204
    assert (await client.get(f"{POSTS}/{post}")).status_code == 404


async def test_a_dismissed_report_can_be_made_again(mod: Person, bob: Person, post: str) -> None:
    assert (await decide(mod, post, "dismiss")).json()["code"] == "NothingReported"
    for _ in range(2):
        await _report(bob, post)
        assert len(await _cases(mod, post)) == 1
        assert (await decide(mod, post, "dismiss")).status_code == 204
        assert await _cases(mod, post) == []


async def test_decisions_are_noted_for_moderators_and_told_to_the_author_without_a_name(
    mod: Person, ada: Person, bob: Person, post: str
) -> None:
    await _report(bob, post)
    for action in ("dismiss", "hide", "restore"):
        await decide(mod, post, action, f"Because of {action}.")
    noted = (await mod.get(f"{MODERATION}/{post}")).json()["actions"]
    assert [(each["action"], each["actor_id"]) for each in noted] == [
        (action, str(mod.id)) for action in ("restore", "hide", "dismiss")
    ]
    told = (await ada.get(f"{POSTS}/{post}/moderation")).json()["items"]
    assert [(each["action"], each["reason"]) for each in told] == [
        ("restore", "Because of restore."),
        ("hide", "Because of hide."),
    ]
    assert str(mod.id) not in str(told)
    assert (await bob.get(f"{POSTS}/{post}/moderation")).status_code == 404


async def test_two_decisions_at_once_close_one_case_once(mod: Person, bob: Person, post: str) -> None:
    await _report(bob, post)
    answers = await asyncio.gather(*(decide(mod, post, "dismiss") for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [204, 409, 409, 409, 409]


async def test_nobody_decides_about_their_own_post(client: AsyncClient, mod: Person, bob: Person) -> None:
    mine = str((await write(mod))["id"])
    await _report(bob, mine)
    for action in ("dismiss", "hide", "restore"):
        refused = await decide(mod, mine, action)
        assert (refused.status_code, refused.json()["code"]) == (403, "OwnSubject")
    assert len(await _cases(mod, mine)) == 1


@pytest.mark.parametrize("action", ["hide", "remove"])
async def test_an_author_appeals_once_against_each_decision(
    client: AsyncClient, mod: Person, ada: Person, bob: Person, post: str, action: str
) -> None:
    async def appeal(person: Person = ada) -> Response:
        return await person.post(f"{POSTS}/{post}/appeal", {"words": "It is a recipe."})

    assert (await appeal()).json()["code"] == "NothingToAppeal"
    for answer in ("dismiss", "restore"):
        await decide(mod, post, action)
        answers = await asyncio.gather(*(appeal() for _ in range(3)))
        assert sorted(each.status_code for each in answers) == [204, 409, 409]
        assert (await appeal(bob)).status_code == 404
        (case,) = await _cases(mod, post)
        assert (case["reports"], case["reasons"], case["appeal"]) == (0, {}, "It is a recipe.")
        assert (await decide(mod, post, answer)).status_code == 204
        assert (await appeal()).status_code == 409
        assert await _cases(mod, post) == []
    assert (await client.get(f"{POSTS}/{post}")).status_code == 200


async def test_only_moderators_see_and_decide(client: AsyncClient, bob: Person, post: str) -> None:
    for answer in (await bob.get(QUEUE), await bob.get(f"{MODERATION}/{post}"), await decide(bob, post, "hide")):
        assert answer.status_code == 403
    assert (await client.get(QUEUE)).status_code == 401
    assert (await client.post(f"{POSTS}/{post}/report", json={"reason": "spam"})).status_code == 401


@pytest.mark.parametrize(
    "order",
    [{}, {"reason": "x"}, {"reason": "spam", "words": "x" * 1001}, {"reason": "spam", "words": "a\x00b"}, {"who": 1}],
)
async def test_malformed_reports_are_422(bob: Person, post: str, order: dict[str, Any]) -> None:
    assert (await bob.post(f"{POSTS}/{post}/report", order)).status_code == 422


@pytest.mark.parametrize("path", ["post/x", "x/01a20953-06ae-7956-9bb4-ea874e6c8762", "post/%00"])
async def test_strange_subjects_are_422(mod: Person, path: str) -> None:
    assert (await mod.post(f"{POSTS}/moderation/{path}", {"action": "hide", "reason": "x"})).status_code == 422


async def test_what_is_not_there_is_neither_reported_nor_decided_about(mod: Person, bob: Person) -> None:
    assert (await _report(bob, str(uuid4()))).json()["code"] == "SubjectNotFound"
    assert (await decide(mod, str(uuid4()), "hide")).json()["code"] == "SubjectNotFound"
    assert (await mod.get(QUEUE, params={"cursor": "WyJ4Il0"})).status_code == 400
    assert (await decide(mod, str(uuid4()), "hide", "")).status_code == 422


def test_the_service_cannot_change_what_was_noted(owner_connection: psycopg.Connection) -> None:
    query = "SELECT has_table_privilege('artel_posts', %s, %s)"
    for table in ("posts.moderation_actions", "posts.reports", "posts.appeals"):
        for privilege in ("UPDATE", "DELETE", "TRUNCATE"):
            assert owner_connection.execute(query, [table, privilege]).fetchone() == (False,)
