"""The list of sessions, and ending them from afar."""

import secrets
from typing import Any

import psycopg
import pytest
from httpx import AsyncClient

from auth.passwords import hash_password
from common.db import transaction
from common.models.auth import User
from tests.people import People, Person

PASSWORD = "a kettle of fish and tea"


async def _sign_in(client: AsyncClient, email: str, agent: str = "another") -> dict[str, Any]:
    order = {"email": email, "password": PASSWORD, "transport": "body"}
    answer = await client.post("/v1/auth/login", json=order, headers={"User-Agent": agent})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture
async def ada(people: People) -> Person:
    """With a password."""
    made = await people.person("Ada")
    async with transaction("auth") as session:
        (await session.get_one(User, made.id)).password_hash = await hash_password(PASSWORD)
    return made


def _bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


async def test_people_see_where_they_are_signed_in_the_newest_first(client: AsyncClient, ada: Person) -> None:
    tokens = await _sign_in(client, ada.email, "Firefox on a tram")
    items = (await client.get("/v1/auth/me/sessions", headers=_bearer(tokens))).json()["items"]
    assert [item["user_agent"] for item in items] == ["Firefox on a tram", "tests"]
    assert [item["current"] for item in items] == [True, False]
    assert items[0]["address"] == "127.0.0.1"
    assert (items[0]["amr"], items[0]["personal_token"]) == ("pwd", None)
    assert items[0]["last_used_at"] >= items[0]["created_at"]


async def test_refreshing_is_using(client: AsyncClient, ada: Person) -> None:
    tokens = await _sign_in(client, ada.email)
    before = (await ada.get("/v1/auth/me/sessions")).json()["items"][0]
    await client.post("/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    after = (await ada.get("/v1/auth/me/sessions")).json()["items"][0]
    assert after["last_used_at"] > before["last_used_at"]
    assert after["id"] == before["id"]


async def test_a_session_of_a_personal_token_names_it(client: AsyncClient, ada: Person) -> None:
    order = {"name": "the backup at night", "scope": "money:read"}
    made = (await ada.post("/v1/auth/me/tokens", order)).json()
    exchanged = await client.post("/v1/auth/tokens/exchange", json={"token": made["token"]})
    assert exchanged.status_code == 200, exchanged.text
    items = (await ada.get("/v1/auth/me/sessions")).json()["items"]
    assert [(item["amr"], item["personal_token"]) for item in items[:1]] == [("pat", "the backup at night")]


async def test_one_is_ended_and_refused_at_once_everywhere(client: AsyncClient, ada: Person) -> None:
    tokens = await _sign_in(client, ada.email)
    listed = (await ada.get("/v1/auth/me/sessions")).json()["items"]
    (other,) = (item["id"] for item in listed if not item["current"])
    ended = await client.delete(f"/v1/auth/me/sessions/{other}", headers=ada.auth)
    assert (ended.status_code, ended.content) == (204, b"")
    for path in ("/v1/auth/me", "/v1/money/accounts", "/v1/analytics/datasets"):
        assert (await client.get(path, headers=_bearer(tokens))).status_code == 401
    refused = await client.post("/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert refused.status_code == 401
    assert len((await ada.get("/v1/auth/me/sessions")).json()["items"]) == 1
    again = await client.delete(f"/v1/auth/me/sessions/{other}", headers=ada.auth)
    assert (again.status_code, again.json()["code"]) == (404, "SessionNotFound")


async def test_somebody_else_s_session_is_not_there(client: AsyncClient, ada: Person, bob: Person) -> None:
    (his,) = (await bob.get("/v1/auth/me/sessions")).json()["items"]
    refused = await client.delete(f"/v1/auth/me/sessions/{his['id']}", headers=ada.auth)
    assert (refused.status_code, refused.json()["code"]) == (404, "SessionNotFound")
    assert (await bob.get("/v1/auth/me")).status_code == 200


async def test_signing_out_everywhere_else_keeps_this_one(client: AsyncClient, ada: Person, bob: Person) -> None:
    others = [await _sign_in(client, ada.email) for _ in range(2)]
    ended = await client.delete("/v1/auth/me/sessions", headers=ada.auth)
    assert (ended.status_code, ended.json()) == (200, {"ended": 2})
    assert {(await client.get("/v1/auth/me", headers=_bearer(tokens))).status_code for tokens in others} == {401}
    assert (await ada.get("/v1/auth/me")).status_code == 200
    assert (await bob.get("/v1/auth/me")).status_code == 200


async def test_signing_out_everywhere_means_here_too(client: AsyncClient, ada: Person) -> None:
    ended = await client.delete("/v1/auth/me/sessions?including_current=true", headers=ada.auth)
    assert (ended.status_code, ended.json()) == (200, {"ended": 1})
    assert "artel-refresh=" in ended.headers["set-cookie"]
    assert (await ada.get("/v1/auth/me")).status_code == 401


async def test_it_is_noted_who_ended_what(
    client: AsyncClient, ada: Person, owner_connection: psycopg.Connection
) -> None:
    await _sign_in(client, ada.email)
    listed = (await ada.get("/v1/auth/me/sessions")).json()["items"]
    await client.delete(f"/v1/auth/me/sessions/{listed[0]['id']}", headers=ada.auth)
    await client.delete("/v1/auth/me/sessions?including_current=true", headers=ada.auth)
    noted = owner_connection.execute(
        "SELECT event, actor_id, session_id::text FROM auth.audit_log WHERE user_id = %s ORDER BY id DESC LIMIT 2",
        [ada.id],
    ).fetchall()
    assert noted == [("sessions_revoked", ada.id, None), ("session_revoked", ada.id, listed[0]["id"])]


@pytest.mark.parametrize("identifier", ["0", "%00", "x" * 5000, "..%2f..%2fetc", "not-a-uuid"])
async def test_an_id_that_is_none_is_4xx(client: AsyncClient, ada: Person, identifier: str) -> None:
    answer = await client.delete(f"/v1/auth/me/sessions/{identifier}", headers=ada.auth)
    assert answer.status_code in (404, 422)


async def test_it_takes_the_scope_of_the_account_s_owner(people: People) -> None:
    program = await people.person("Program", scope=frozenset({"money:read"}))
    assert (await program.get("/v1/auth/me/sessions")).status_code == 403
    identifier = secrets.token_hex(16)
    ended = await program.client.delete(f"/v1/auth/me/sessions/{identifier}", headers=program.auth)
    assert ended.status_code == 403
