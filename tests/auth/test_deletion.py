"""Leaving: at once to everybody's eyes, and for thirty days back again with the letter's link."""

import asyncio
import re
from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from httpx import AsyncClient

from auth.passwords import hash_password
from common.db import transaction
from common.models.auth import User
from tests.auth.traces import delete_me
from tests.people import People, Person

PASSWORD = "correct horse battery"


def _letters(connection: psycopg.Connection, email: str) -> list[str]:
    """What waits to be sent, the newest first: subject and text."""
    query = "SELECT subject || E'\\n' || text FROM auth.mails WHERE recipient = %s ORDER BY id DESC"
    return [row[0] for row in connection.execute(query, [email])]


def _restore_token(letters: list[str]) -> str:
    found = re.search(r"restore-account#token=([\w=-]+)", "\n".join(letters))
    assert found, letters
    return found[1]


@pytest.mark.usefixtures("no_nudge")
async def test_who_leaves_is_signed_out_everywhere_and_nobody(ada: Person, bob: Person, client: AsyncClient) -> None:
    post = await ada.post("/v1/posts", {"title": "Here", "body": "I am"})
    assert (await delete_me(ada)).status_code == 204
    assert (await ada.get("/v1/auth/me")).status_code == 401
    assert (await ada.get("/v1/money/accounts")).status_code == 401
    shown = (await client.get(f"/v1/posts/{post.json()['id']}")).json()
    assert shown["author"]["display_name"] == "Deleted account"
    assert (await bob.get("/v1/auth/me")).status_code == 200


@pytest.mark.parametrize("confirm", ["", "somebody@else.example", "\0", "x" * 254])
async def test_a_slip_deletes_nothing(ada: Person, confirm: str) -> None:
    refused = await ada.client.request("DELETE", "/v1/auth/me", json={"confirm": confirm}, headers=ada.auth)
    assert refused.status_code == 422
    assert refused.json()["code"] == "NotConfirmed"
    assert (await ada.get("/v1/auth/me")).status_code == 200


async def test_without_a_body_nothing_is_deleted(ada: Person) -> None:
    assert (await ada.client.delete("/v1/auth/me", headers=ada.auth)).status_code == 422
    assert (await ada.get("/v1/auth/me")).status_code == 200


@pytest.mark.usefixtures("no_nudge")
async def test_the_address_may_be_typed_in_another_case(ada: Person) -> None:
    assert (await delete_me(ada, f" {ada.email.upper()} ")).status_code == 204


async def test_it_wants_a_sign_in_of_a_short_while_ago(ada: Person, owner_connection: psycopg.Connection) -> None:
    older = "UPDATE auth.sessions SET created_at = now() - interval '16 minutes' WHERE user_id = %s"
    owner_connection.execute(older, [ada.id])
    refused = await delete_me(ada)
    assert (refused.status_code, refused.json()["code"]) == (403, "ReauthenticationRequired")


@pytest.mark.usefixtures("no_nudge")
async def test_the_letter_s_link_brings_the_account_back_once(
    ada: Person, client: AsyncClient, owner_connection: psycopg.Connection
) -> None:
    async with transaction("auth") as session:
        (await session.get_one(User, ada.id)).password_hash = await hash_password(PASSWORD)
    order = {"email": ada.email, "password": PASSWORD, "transport": "body"}
    assert (await client.post("/v1/auth/login", json=order)).status_code == 200
    assert (await delete_me(ada)).status_code == 204
    gone = await client.post("/v1/auth/login", json=order)
    assert (gone.status_code, gone.json()["code"]) == (401, "InvalidCredentials")

    token = _restore_token(_letters(owner_connection, ada.email))
    assert (await client.post("/v1/auth/restore", json={"token": token})).status_code == 204
    assert (await client.post("/v1/auth/login", json=order)).status_code == 200
    assert (await ada.get("/v1/auth/me")).status_code == 401  # the old sessions stay ended
    again = await client.post("/v1/auth/restore", json={"token": token})
    assert (again.status_code, again.json()["code"]) == (401, "InvalidMailToken")


@pytest.mark.usefixtures("no_nudge")
async def test_of_two_who_restore_at_once_one_does(
    ada: Person, client: AsyncClient, owner_connection: psycopg.Connection
) -> None:
    await delete_me(ada)
    token = _restore_token(_letters(owner_connection, ada.email))
    both = await asyncio.gather(*[client.post("/v1/auth/restore", json={"token": token}) for _ in range(2)])
    assert sorted(answer.status_code for answer in both) == [204, 401]


@pytest.mark.parametrize("token", ["", "x", "\0", "A" * 100, "A" * 10_000, "é"])
async def test_a_made_up_token_restores_nobody(client: AsyncClient, token: str) -> None:
    assert (await client.post("/v1/auth/restore", json={"token": token})).status_code in (401, 422)


@pytest.mark.usefixtures("no_nudge")
async def test_after_thirty_days_the_link_is_too_late(
    ada: Person, client: AsyncClient, owner_connection: psycopg.Connection, long_ago: Callable[[UUID], None]
) -> None:
    await delete_me(ada)
    token = _restore_token(_letters(owner_connection, ada.email))
    long_ago(ada.id)
    assert (await client.post("/v1/auth/restore", json={"token": token})).status_code == 401


@pytest.mark.usefixtures("no_nudge")
async def test_personal_tokens_and_exports_under_way_end_with_the_account(
    ada: Person, store: str, owner_connection: psycopg.Connection
) -> None:
    assert (await ada.post("/v1/auth/me/export", None)).status_code == 202
    owner_connection.execute(
        "INSERT INTO auth.personal_tokens (user_id, name, scope, secret_hash, expires_at) "
        "VALUES (%s, 'x', 'posts:write', 'x', now() + interval '1 day')",
        [ada.id],
    )
    await delete_me(ada)
    row = owner_connection.execute(
        "SELECT (SELECT status FROM auth.exports WHERE user_id = %(me)s), "
        "(SELECT revoked_at IS NOT NULL FROM auth.personal_tokens WHERE user_id = %(me)s)",
        {"me": ada.id},
    ).fetchone()
    assert row == ("failed", True)


@pytest.fixture
def only_administrators_of_this_test(owner_connection: psycopg.Connection) -> None:
    demoted = "UPDATE auth.users SET roles = array_remove(roles, 'admin') WHERE 'admin' = ANY(roles)"
    owner_connection.execute(demoted)


@pytest.mark.usefixtures("no_nudge", "only_administrators_of_this_test")
async def test_the_last_administrator_stays(people: People) -> None:
    first, second = [await people.person(name, roles=("user", "admin")) for name in ("First", "Second")]
    assert (await delete_me(first)).status_code == 204
    refused = await delete_me(second)
    assert (refused.status_code, refused.json()["code"]) == (409, "LastAdministrator")


@pytest.mark.usefixtures("no_nudge", "only_administrators_of_this_test")
async def test_of_the_last_two_administrators_who_leave_at_once_one_stays(people: People) -> None:
    both = [await people.person(name, roles=("user", "admin")) for name in ("First", "Second")]
    answers = await asyncio.gather(*map(delete_me, both))
    assert sorted(answer.status_code for answer in answers) == [204, 409]
