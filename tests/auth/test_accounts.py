"""Registration, sign-in, refresh, sign-out, profile: through the routes, on a real database."""

import asyncio
import secrets
from typing import Any

import jwt
import pytest
from httpx import AsyncClient, Response

from common.db import transaction
from common.settings import settings
from tests.people import People, Person

PASSWORD = "correct horse battery"


def _address() -> str:
    return f"Someone.{secrets.token_hex(5)}@Example.org"


async def _register(client: AsyncClient, email: str, **other: Any) -> Response:
    body = {"email": email, "password": PASSWORD, "display_name": "Someone", **other}
    return await client.post("/v1/auth/register", json=body)


async def _login(client: AsyncClient, email: str, **other: Any) -> Response:
    body = {"email": email, "password": PASSWORD, "transport": "body", **other}
    return await client.post("/v1/auth/login", json=body)


async def _refresh(client: AsyncClient, token: str) -> Response:
    return await client.post("/v1/auth/refresh", json={"refresh_token": token})


@pytest.fixture
async def address(client: AsyncClient) -> str:
    email = _address()
    assert (await _register(client, email)).status_code == 202
    return email


async def test_a_newcomer_registers_signs_in_and_is_known(client: AsyncClient, address: str) -> None:
    signed_in = await _login(client, address.upper())
    assert signed_in.status_code == 200
    assert signed_in.headers["cache-control"] == "no-store"
    me = await client.get("/v1/auth/me", headers={"Authorization": f"Bearer {signed_in.json()['access_token']}"})
    assert me.json()["email"] == address.replace("Example.org", "example.org")
    assert me.json()["roles"] == ["user"]


async def test_registering_a_known_address_answers_alike_and_changes_nothing(client: AsyncClient, address: str) -> None:
    fresh = await _register(client, _address())
    again = await _register(client, address.lower(), password="another password")
    assert (again.status_code, again.content) == (fresh.status_code, fresh.content)
    assert again.headers.keys() == fresh.headers.keys()
    assert (await _login(client, address)).status_code == 200


async def test_a_wrong_password_and_an_unknown_address_answer_alike(client: AsyncClient, address: str) -> None:
    wrong = await _login(client, address, password="not the password")
    unknown = await _login(client, _address())
    for answer in (wrong, unknown):
        assert answer.status_code == 401
        assert answer.json()["code"] == "InvalidCredentials"
    assert wrong.headers.keys() == unknown.headers.keys()


@pytest.mark.parametrize(
    "change",
    [
        {"password": "x" * 7},
        {"password": "x" * 257},
        {"email": "a@b.example\r\nBcc: all@b.example"},
        {"email": "a@b.example,c@b.example"},
        {"email": "no address"},
        {"display_name": ""},
        {"display_name": "a\nb"},
        {"roles": ["admin"]},
        {"locale": "xx"},
        {"password": "someone@example.org", "email": "someone@example.org"},
    ],
)
async def test_malformed_registrations_are_422(client: AsyncClient, change: dict[str, Any]) -> None:
    body = {"email": _address(), **change}
    assert (await _register(client, **body)).status_code == 422


async def test_the_access_token_has_the_shape_the_gateway_needs(client: AsyncClient, address: str) -> None:
    token = (await _login(client, address)).json()["access_token"]
    header, claims = jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})
    assert (header["alg"], header["typ"]) == ("RS256", "at+jwt")
    assert claims["exp"] - claims["iat"] == 601
    assert all(isinstance(value, str | int) for value in claims.values())
    assert claims.keys() == {"iss", "aud", "sub", "client_id", "iat", "exp", "jti", "sid", "scope", "auth_time", "amr"}
    assert len(token) < 4096


async def test_a_stranger_verifies_our_tokens_with_the_discovery_document_alone(
    client: AsyncClient, address: str
) -> None:
    token = (await _login(client, address)).json()["access_token"]
    discovery = (await client.get("/v1/auth/.well-known/openid-configuration")).json()
    assert discovery["jwks_uri"] == "http://localhost:8000/v1/auth/.well-known/jwks.json"
    keys = jwt.PyJWKSet.from_dict((await client.get("/v1/auth/.well-known/jwks.json")).json())
    key = next(key for key in keys.keys if key.key_id == jwt.get_unverified_header(token)["kid"])
    assert jwt.decode(token, key, algorithms=["RS256"], audience="artel", issuer=discovery["issuer"])


async def test_a_refresh_token_works_once(client: AsyncClient, address: str) -> None:
    first = (await _login(client, address)).json()["refresh_token"]
    second = (await _refresh(client, first)).json()["refresh_token"]
    assert second != first
    third = await _refresh(client, second)
    assert third.status_code == 200


async def test_a_lost_answer_is_answered_again_with_the_same_child(client: AsyncClient, address: str) -> None:
    first = (await _login(client, address)).json()["refresh_token"]
    children = [(await _refresh(client, first)).json()["refresh_token"] for _ in range(3)]
    assert len(set(children)) == 1


async def test_parallel_refreshes_leave_one_line_of_descent(client: AsyncClient, address: str) -> None:
    first = (await _login(client, address)).json()["refresh_token"]
    answers = await asyncio.gather(*(_refresh(client, first) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1


async def test_a_stolen_refresh_token_ends_the_whole_session(client: AsyncClient, address: str) -> None:
    tokens = (await _login(client, address)).json()
    child = (await _refresh(client, tokens["refresh_token"])).json()["refresh_token"]
    grandchild = (await _refresh(client, child)).json()
    assert (await _refresh(client, tokens["refresh_token"])).status_code == 401
    assert (await _refresh(client, grandchild["refresh_token"])).status_code == 401
    headers = {"Authorization": f"Bearer {grandchild['access_token']}"}
    assert (await client.get("/v1/auth/me", headers=headers)).status_code == 401


@pytest.mark.parametrize(
    "damage", [lambda t: t[:-1], lambda t: t + "=", lambda t: "B" + t[1:], lambda _: "", lambda _: "é"]
)
async def test_a_damaged_refresh_token_is_401(client: AsyncClient, address: str, damage: Any) -> None:
    token = (await _login(client, address)).json()["refresh_token"]
    assert (await _refresh(client, damage(token))).status_code == 401
    assert (await _refresh(client, token)).status_code == 200


async def test_a_refresh_token_is_no_access_token(client: AsyncClient, address: str) -> None:
    token = (await _login(client, address)).json()["refresh_token"]
    assert (await client.get("/v1/auth/me", headers={"Authorization": f"Bearer {token}"})).status_code == 401


async def test_signing_out_stops_the_access_token_in_every_group(client: AsyncClient, address: str) -> None:
    tokens = (await _login(client, address)).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    paths = ("/v1/auth/me", "/v1/money/accounts", "/v1/analytics/datasets")
    assert {(await client.get(path, headers=headers)).status_code for path in paths} == {200}
    left = await client.post("/v1/auth/logout", json={"refresh_token": tokens["refresh_token"]})
    assert left.status_code == 204
    assert {(await client.get(path, headers=headers)).status_code for path in paths} == {401}
    write = await client.post("/v1/posts", json={"title": "t", "body": "b"}, headers=headers)
    assert write.status_code == 401


async def test_a_disabled_account_is_out_at_once(client: AsyncClient, ada: Person) -> None:
    from sqlalchemy import func, update

    from common.models.auth import User

    async with transaction("auth") as session:
        await session.execute(update(User).where(User.id == ada.id).values(disabled_at=func.now()))
    assert (await ada.get("/v1/auth/me")).status_code == 401


async def test_the_browser_keeps_its_refresh_token_in_a_cookie_scripts_cannot_read(
    client: AsyncClient, address: str
) -> None:
    signed_in = await _login(client, address, transport="cookie")
    assert signed_in.json()["refresh_token"] is None
    cookies = signed_in.headers.get_list("set-cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["artel-refresh", "artel-device"]
    for cookie in cookies:
        assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Path=/v1/auth"))
    kept = {"Cookie": cookies[0].partition(";")[0]}
    ours = await client.post("/v1/auth/refresh", headers={**kept, "Origin": settings().public_url})
    assert ours.status_code == 200
    theirs = await client.post("/v1/auth/refresh", headers={**kept, "Origin": "https://evil.example"})
    assert (theirs.status_code, theirs.json()["code"]) == (403, "ForeignOrigin")


async def test_a_narrower_token_can_do_less(client: AsyncClient, address: str) -> None:
    signed_in = (await _login(client, address, scope="money:read")).json()
    assert signed_in["scope"] == "money:read"
    headers = {"Authorization": f"Bearer {signed_in['access_token']}", "Idempotency-Key": "k"}
    assert (await client.get("/v1/money/accounts", headers=headers)).status_code == 200
    refused = await client.post("/v1/money/accounts", json={"currency": "EUR"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "Forbidden")
    assert (await _login(client, address, scope="admin")).status_code == 422


async def test_a_scope_whose_role_was_taken_away_is_gone_at_once(people: People) -> None:
    lapsed = await people.person("Lapsed", roles=())
    assert (await lapsed.get("/v1/auth/me")).status_code == 200
    assert (await lapsed.get("/v1/money/accounts")).status_code == 403


async def test_people_change_their_own_name_and_language(client: AsyncClient, ada: Person, bob: Person) -> None:
    change = {"display_name": "  Ада  ", "locale": "ru"}
    changed = await client.patch("/v1/auth/me", json=change, headers=ada.auth)
    assert (changed.json()["display_name"], changed.json()["locale"]) == ("Ада", "ru")
    assert (await bob.get("/v1/auth/me")).json()["display_name"] == "Bob"
    forbidden = await client.patch("/v1/auth/me", json={"roles": ["admin"]}, headers=ada.auth)
    assert forbidden.status_code == 422
