"""Changing the address of an account."""

import secrets
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from httpx import AsyncClient, Response

from tests.auth.postbox import Postbox, new_address, token_in
from tests.people import People, Person

PASSWORD = "correct horse battery"


async def _ask(person: Person, email: str) -> Response:
    return await person.post("/v1/auth/me/email", {"email": email})


async def _confirm(client: AsyncClient, token: str) -> Response:
    return await client.post("/v1/auth/confirm-email", json={"token": token})


async def _address(person: Person) -> tuple[str, bool]:
    me = (await person.get("/v1/auth/me")).json()
    return me["email"], me["email_verified"]


@pytest.fixture
def execute(owner_connection: psycopg.Connection) -> Callable[..., int]:
    def run(statement: str, *values: Any) -> int:
        return owner_connection.execute(statement, values).rowcount

    return run


async def test_an_address_changes_when_the_link_sent_to_the_new_one_is_followed(ada: Person, postbox: Postbox) -> None:
    new = new_address("Ada.New")
    assert (await _ask(ada, new)).status_code == 202
    assert await _address(ada) == (ada.email, True)
    assert postbox.subjects(ada.email) == ["Your Artel address is about to change"]
    assert new in postbox.to(ada.email)[0].text
    assert "token" not in postbox.to(ada.email)[0].text
    assert (await _confirm(ada.client, postbox.token(new))).status_code == 204
    assert await _address(ada) == (new, True)
    assert postbox.subjects(ada.email)[1:] == ["Your Artel address was changed"]


async def test_the_link_of_a_change_works_once_and_verifies_nothing_else(ada: Person, postbox: Postbox) -> None:
    await _ask(ada, new := new_address())
    token = postbox.token(new)
    assert (await ada.client.post("/v1/auth/verify-email", json={"token": token})).status_code == 401
    reset = {"token": token, "password": PASSWORD}
    assert (await ada.client.post("/v1/auth/password/reset", json=reset)).status_code == 401
    assert [(await _confirm(ada.client, token)).status_code for _ in range(2)] == [204, 401]


async def test_asking_for_somebodys_address_answers_alike_and_tells_them(
    ada: Person, bob: Person, postbox: Postbox
) -> None:
    free, taken = await _ask(ada, new_address()), await _ask(ada, bob.email.upper())
    assert (free.status_code, free.content) == (taken.status_code, taken.content) == (202, free.content)
    assert postbox.subjects(bob.email) == ["You already have an Artel account"]
    assert "token" not in postbox.to(bob.email)[0].text
    assert await _address(ada) == (ada.email, True)


async def test_an_address_that_somebody_took_meanwhile_stays_theirs(ada: Person, postbox: Postbox) -> None:
    new = new_address()
    await _ask(ada, new)
    token = postbox.token(new)
    order = {"email": new, "password": PASSWORD, "display_name": "Somebody"}
    await ada.client.post("/v1/auth/register", json=order)
    assert (await _confirm(ada.client, token)).status_code == 401
    assert await _address(ada) == (ada.email, True)


async def test_of_two_who_change_to_one_address_the_first_to_confirm_gets_it(
    ada: Person, bob: Person, postbox: Postbox
) -> None:
    new = new_address()
    tokens = []
    for person in (ada, bob):
        await _ask(person, new)
        tokens.append(postbox.token(new))
    assert [(await _confirm(ada.client, token)).status_code for token in tokens] == [204, 401]
    assert await _address(bob) == (bob.email, True)


async def test_a_registration_between_look_and_change_is_no_server_error(
    ada: Person, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the unique index says when the look-up before it saw nobody."""
    from auth.service import verification

    new = new_address()
    await _ask(ada, new)
    token, move = postbox.token(new), verification._move

    async def late(*given: Any) -> None:
        order = {"email": new, "password": PASSWORD, "display_name": "Somebody"}
        assert (await ada.client.post("/v1/auth/register", json=order)).status_code == 202
        await move(*given)

    monkeypatch.setattr(verification, "_move", late)
    assert (await _confirm(ada.client, token)).status_code == 401
    assert await _address(ada) == (ada.email, True)


async def test_ones_own_address_may_be_written_anew(ada: Person, postbox: Postbox) -> None:
    await _ask(ada, as_written := ada.email.replace("ada", "Ada"))
    (letter,) = [letter for letter in postbox.letters if letter.to == as_written]
    assert (await _confirm(ada.client, token_in(letter))).status_code == 204
    assert await _address(ada) == (as_written, True)


async def test_a_change_wants_a_recent_sign_in(ada: Person, execute: Callable[..., int], postbox: Postbox) -> None:
    execute("UPDATE auth.sessions SET created_at = now() - interval '16 minutes' WHERE user_id = %s", ada.id)
    refused = await _ask(ada, new := new_address())
    assert (refused.status_code, refused.json()["code"]) == (403, "ReauthenticationRequired")
    assert postbox.to(new) == postbox.to(ada.email) == []


async def test_links_sent_to_the_old_address_are_worth_nothing_after_the_change(ada: Person, postbox: Postbox) -> None:
    await ada.client.post("/v1/auth/password/forgot", json={"email": ada.email})
    old = postbox.token(ada.email)
    await _ask(ada, new := new_address())
    await _confirm(ada.client, postbox.token(new))
    reset = {"token": old, "password": PASSWORD}
    assert (await ada.client.post("/v1/auth/password/reset", json=reset)).status_code == 401


async def test_a_closed_account_changes_no_address(ada: Person, postbox: Postbox, execute: Callable[..., int]) -> None:
    await _ask(ada, new := new_address())
    execute("UPDATE auth.users SET disabled_at = now() WHERE id = %s", ada.id)
    assert (await _confirm(ada.client, postbox.token(new))).status_code == 401


async def test_proving_an_address_ends_the_sessions_of_an_account_that_had_proved_none(
    ada: Person, bob: Person, postbox: Postbox, execute: Callable[..., int]
) -> None:
    execute("UPDATE auth.users SET email_verified_at = NULL WHERE id = %s", ada.id)
    for person in (ada, bob):
        await _ask(person, new := new_address())
        assert (await _confirm(person.client, postbox.token(new))).status_code == 204
    assert (await ada.get("/v1/auth/me")).status_code == 401
    assert (await bob.get("/v1/auth/me")).status_code == 200


async def test_an_account_asks_for_so_many_changes_an_hour(people: People, postbox: Postbox) -> None:
    eve = await people.person(f"Eve{secrets.token_hex(3)}")
    answers = [await _ask(eve, new_address()) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [202] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_a_letter_to_a_domain_in_other_letters_names_it_in_ascii(ada: Person, postbox: Postbox) -> None:
    await _ask(ada, f"{secrets.token_hex(6)}@почта.рф")
    assert [letter.to.partition("@")[2] for letter in postbox.letters if letter.to != ada.email] == [
        "xn--80a1acny.xn--p1ai"
    ]
