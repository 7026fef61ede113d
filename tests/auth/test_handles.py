"""Handles: public names, one person each, nobody's once the person is gone."""

import asyncio
import secrets
from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from httpx import Response

from auth import erasure, handles
from auth.export_areas import AREAS
from tests.auth.traces import delete_me
from tests.people import People, Person


def new_handle() -> str:
    return f"h{secrets.token_hex(6)}"


async def choose(person: Person, handle: str | None) -> Response:
    return await person.client.patch("/v1/auth/me", json={"handle": handle}, headers=person.auth)


async def test_a_handle_is_chosen_shown_changed_and_given_up(ada: Person) -> None:
    assert (await ada.get("/v1/auth/me")).json()["handle"] is None
    for handle in (new_handle(), new_handle(), None):
        assert (await choose(ada, handle)).json()["handle"] == handle
        assert (await ada.get("/v1/auth/me")).json()["handle"] == handle


async def test_what_is_left_out_of_a_change_keeps_the_handle(ada: Person) -> None:
    handle = new_handle()
    await choose(ada, handle)
    await ada.client.patch("/v1/auth/me", json={"city": "London"}, headers=ada.auth)
    assert (await ada.get("/v1/auth/me")).json()["handle"] == handle


@pytest.mark.parametrize(
    "handle",
    ["", "ab", "a" * 31, "Ada", "1ada", "_ada", "ada-b", "ada b", "ada.b", "áda", "ada\n", "@ada", "аdа"],
    ids=[
        "empty",
        "short",
        "long",
        "upper",
        "digit",
        "underscore",
        "dash",
        "space",
        "dot",
        "accent",
        "line",
        "at",
        "cyr",
    ],
)
async def test_a_handle_is_3_to_30_of_lower_case_letters_digits_and_underscores(ada: Person, handle: str) -> None:
    assert (await choose(ada, handle)).status_code == 422


async def test_the_shortest_and_the_longest_are_taken(ada: Person) -> None:
    short = "z" + secrets.token_hex(1)
    for handle in (short, "l" + secrets.token_hex(14) + "_"):
        assert (await choose(ada, handle)).json()["handle"] == handle


@pytest.mark.parametrize("handle", ["admin", "artel", "support", "ad_min", "artel_support", "root_"])
async def test_nobody_is_called_as_artel_or_its_staff_are(ada: Person, handle: str) -> None:
    answer = await choose(ada, handle)
    assert answer.status_code == 422
    assert "reserved" in answer.json()["detail"]


@pytest.mark.parametrize("handle", ["adminka", "artels_fan", "user1", "rooted", "supporter"])
def test_what_only_sounds_like_it_is_free(handle: str) -> None:
    assert not handles.is_reserved(handle)


async def test_a_handle_is_one_persons(ada: Person, bob: Person) -> None:
    handle = new_handle()
    assert (await choose(ada, handle)).status_code == 200
    taken = await choose(bob, handle)
    assert (taken.status_code, taken.json()["code"]) == (409, "HandleTaken")
    assert (await choose(ada, handle)).status_code == 200
    await choose(ada, None)
    assert (await choose(bob, handle)).status_code == 200


async def test_a_handle_that_is_taken_changes_nothing_else(ada: Person, bob: Person) -> None:
    handle = new_handle()
    await choose(ada, handle)
    both = {"handle": handle, "city": "Paris"}
    assert (await bob.client.patch("/v1/auth/me", json=both, headers=bob.auth)).status_code == 409
    assert (await bob.get("/v1/auth/me")).json()["city"] is None


async def test_of_many_who_choose_one_at_the_same_time_one_gets_it(people: People) -> None:
    handle = new_handle()
    many = [await people.person(f"P{number}") for number in range(8)]
    answers = await asyncio.gather(*(choose(person, handle) for person in many))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7


async def test_who_goes_through_a_dictionary_is_stopped(ada: Person, bob: Person) -> None:
    handle = new_handle()
    await choose(ada, handle)
    codes = [(await choose(bob, handle)).status_code for _ in range(21)]
    assert codes == [409] * 20 + [429]


def test_an_export_has_it() -> None:
    assert " handle," in AREAS["account.json"]


async def test_erasure_frees_it(
    ada: Person, bob: Person, owner_connection: psycopg.Connection, long_ago: Callable[[UUID], None]
) -> None:
    handle = new_handle()
    await choose(ada, handle)
    await delete_me(ada)
    seen = "SELECT handle FROM identity.people WHERE id = %s"
    assert owner_connection.execute(seen, [ada.id]).fetchone() == (None,)
    assert (await choose(bob, handle)).status_code == 409  # she may come back
    long_ago(ada.id)
    await erasure.erase_all()
    assert (await choose(bob, handle)).status_code == 200


async def test_others_see_it_beside_the_name(ada: Person, owner_connection: psycopg.Connection) -> None:
    handle = new_handle()
    await choose(ada, handle)
    seen = "SELECT display_name, handle FROM identity.people WHERE id = %s"
    assert owner_connection.execute(seen, [ada.id]).fetchone() == ("Ada", handle)
