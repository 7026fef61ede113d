"""Signing up, and proving that the address is one's own."""

import asyncio
from typing import Any

import psycopg
import pytest
from httpx import AsyncClient, Response

from tests.auth.postbox import Postbox, new_address

PASSWORD = "correct horse battery"
OTHER = "incorrect horse battery"


async def _register(client: AsyncClient, email: str, password: str = PASSWORD, **other: Any) -> Response:
    body = {"email": email, "password": password, "display_name": "Someone", **other}
    return await client.post("/v1/auth/register", json=body)


async def _login(client: AsyncClient, email: str, password: str = PASSWORD) -> Response:
    return await client.post("/v1/auth/login", json={"email": email, "password": password, "transport": "body"})


async def _verify(client: AsyncClient, token: str) -> Response:
    return await client.post("/v1/auth/verify-email", json={"token": token})


async def _me(client: AsyncClient, access_token: str) -> Response:
    return await client.get("/v1/auth/me", headers={"Authorization": f"Bearer {access_token}"})


def _events(database: psycopg.Connection, email: str) -> list[str]:
    query = "SELECT event FROM auth.audit_log JOIN auth.users AS u ON u.id = user_id WHERE email_key = %s ORDER BY audit_log.id"
    return [event for (event,) in database.execute(query, [email])]


async def test_a_newcomer_confirms_the_address_with_the_link_of_the_letter(
    client: AsyncClient, postbox: Postbox, owner_connection: psycopg.Connection
) -> None:
    email = new_address()
    assert (await _register(client, email)).status_code == 202
    before = (await _login(client, email)).json()["access_token"]
    assert (await _me(client, before)).json()["email_verified"] is False
    (letter,) = postbox.to(email)
    assert f"http://localhost:8000/verify-email#token={postbox.token(email)}" in letter.text
    assert (await _verify(client, postbox.token(email))).status_code == 204
    assert (await _me(client, before)).status_code == 401
    after = (await _login(client, email)).json()["access_token"]
    assert (await _me(client, after)).json()["email_verified"] is True
    assert _events(owner_connection, email) == ["registered", "signed_in", "email_verified", "signed_in"]


async def test_links_lead_to_the_configured_site_whatever_host_a_request_claims(
    client: AsyncClient, postbox: Postbox
) -> None:
    email = new_address()
    claims = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    body = {"email": email, "password": PASSWORD, "display_name": "Someone"}
    assert (await client.post("/v1/auth/register", json=body, headers=claims)).status_code == 202
    (letter,) = postbox.to(email)
    assert "http://localhost:8000/verify-email#token=" in letter.text
    assert "evil.example" not in letter.text + letter.html


async def test_a_link_works_once_though_two_follow_it_at_the_same_moment(client: AsyncClient, postbox: Postbox) -> None:
    email = new_address()
    await _register(client, email)
    answers = await asyncio.gather(*(_verify(client, postbox.token(email)) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [204, 401, 401, 401]


@pytest.mark.parametrize(
    "token", ["", "x", "A" * 64, "é" * 10, "\0" * 8, "A" * 100], ids=["empty", "x", "zeros", "accents", "nul", "long"]
)
@pytest.mark.parametrize("path", ["verify-email", "confirm-email"])
async def test_what_is_no_token_is_401_without_a_hint(client: AsyncClient, path: str, token: str) -> None:
    answer = await client.post(f"/v1/auth/{path}", json={"token": token})
    assert (answer.status_code, answer.json()["code"]) == (401, "InvalidMailToken")


async def test_a_link_that_is_too_old_is_worth_nothing(
    client: AsyncClient, postbox: Postbox, owner_connection: psycopg.Connection
) -> None:
    email = new_address()
    await _register(client, email)
    aged = "UPDATE auth.mail_tokens SET expires_at = now() - interval '1 second' WHERE email = %s"
    assert owner_connection.execute(aged, [email]).rowcount == 1
    assert (await _verify(client, postbox.token(email))).status_code == 401


async def test_of_two_letters_only_the_newer_ones_link_works(client: AsyncClient, postbox: Postbox) -> None:
    email = new_address()
    await _register(client, email)
    first = postbox.token(email)
    assert (await client.post("/v1/auth/verify-email/resend", json={"email": email})).status_code == 202
    assert len(postbox.to(email)) == 2
    assert (await _verify(client, first)).status_code == 401
    assert (await _verify(client, postbox.token(email))).status_code == 204


async def test_a_verified_address_gets_no_second_link(client: AsyncClient, postbox: Postbox) -> None:
    email = new_address()
    await _register(client, email)
    await _verify(client, postbox.token(email))
    await client.post("/v1/auth/verify-email/resend", json={"email": email})
    assert len(postbox.to(email)) == 1


async def test_signing_up_again_with_the_same_password_leads_to_one_account_with_it(
    client: AsyncClient, postbox: Postbox
) -> None:
    email = new_address()
    await _register(client, email)
    assert (await _register(client, email.upper())).status_code == 202
    assert (await _verify(client, postbox.token(email))).status_code == 204
    assert (await _login(client, email)).status_code == 200
    assert len(postbox.to(email)) == 2


@pytest.mark.parametrize("owner_is_first", [True, False])
async def test_who_signed_up_with_somebody_elses_address_is_out_once_its_owner_confirms_it(
    client: AsyncClient, postbox: Postbox, owner_is_first: bool
) -> None:
    """Pre-hijacking: the attacker's password, and the sign-ins it gave, must not outlive the proof."""
    email, attackers = new_address("victim"), "the attacker's password"
    for password in (PASSWORD, attackers) if owner_is_first else (attackers, PASSWORD):
        await _register(client, email, password)
    early = [answer for p in (PASSWORD, attackers) if (answer := await _login(client, email, p)).status_code == 200]
    assert len(early) == 1
    assert (await _verify(client, postbox.token(email))).status_code == 204
    assert (await _me(client, early[0].json()["access_token"])).status_code == 401
    assert {(await _login(client, email, p)).status_code for p in (PASSWORD, attackers)} == {401}
    chosen = {"token": postbox.token(email), "password": OTHER}
    assert (await client.post("/v1/auth/password/reset", json=chosen)).status_code == 204
    assert (await _login(client, email, OTHER)).status_code == 200


async def test_signing_up_over_a_verified_account_changes_nothing_and_tells_its_owner(
    client: AsyncClient, postbox: Postbox
) -> None:
    email = new_address()
    await _register(client, email, locale="ru")
    await _verify(client, postbox.token(email))
    await _register(client, email, OTHER, display_name="Somebody else")
    last = postbox.to(email)[-1]
    assert last.subject == "У вас уже есть учётная запись Artel"
    assert "Somebody else" not in last.text
    assert "token" not in last.text
    assert (await _login(client, email, OTHER)).status_code == 401
    assert (await _login(client, email)).status_code == 200


async def test_twenty_who_sign_up_with_one_address_at_once_make_one_account(
    client: AsyncClient, postbox: Postbox, owner_connection: psycopg.Connection
) -> None:
    email = new_address()
    answers = await asyncio.gather(*(_register(client, email) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {202}
    count = owner_connection.execute("SELECT count(*) FROM auth.users WHERE email_key = %s", [email]).fetchone()
    assert count == (1,)
    assert len(postbox.to(email)) == 20


@pytest.mark.parametrize(
    "change",
    [
        {"email": "a@b.example\0"},
        {"email": "a@b.example\r\nBcc: all@b.example"},
        {"email": ["a@b.example"]},
        {"email": f"{'a' * 10_000}@example.org"},
        {"display_name": "a\0b"},
        {"display_name": "x" * 10_000},
        {"display_name": "  "},
        {"is_admin": True},
        {"balance": 1},
        {"id": "00000000-0000-0000-0000-000000000000"},
    ],
    ids=["nul", "header", "list", "long", "nul in name", "long name", "blank name", "admin", "balance", "id"],
)
async def test_what_does_not_belong_into_a_registration_is_422(client: AsyncClient, change: dict[str, Any]) -> None:
    body = {"email": new_address(), "password": PASSWORD, "display_name": "Someone", **change}
    assert (await client.post("/v1/auth/register", json=body)).status_code == 422


async def test_lone_surrogates_are_422(client: AsyncClient) -> None:
    for field in ("email", "password", "display_name"):
        body = {"email": "a@b.example", "password": PASSWORD, "display_name": "Someone", field: "SURROGATE"}
        raw = str(body).replace("'", '"').replace("SURROGATE", r"\ud800 and more")
        answer = await client.post("/v1/auth/register", content=raw, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422
