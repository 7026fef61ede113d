"""Personal access tokens: made, exchanged, and kept from doing more than they are for."""

import asyncio
import json
from datetime import datetime
from typing import Any

import jwt
import psycopg
import pytest
from httpx import ASGITransport, AsyncClient, Response

from common import scopes
from tests.auth.factors import age_sessions, events, refused, unverify
from tests.auth.postbox import Postbox
from tests.people import People, Person

MINE = "/v1/auth/me/tokens"
EXCHANGE = "/v1/auth/tokens/exchange"


async def _create(person: Person, scope: str = "money:read", **other: Any) -> dict[str, Any]:
    answer = await person.post(MINE, {"name": "Script", "scope": scope, **other})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def _exchange(client: AsyncClient, token: str, **other: Any) -> Response:
    return await client.post(EXCHANGE, json={"token": token, **other})


async def _bearer(client: AsyncClient, token: str, **other: Any) -> dict[str, str]:
    answer = await _exchange(client, token, **other)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def _revoke(person: Person, token_id: str) -> Response:
    return await person.client.delete(f"{MINE}/{token_id}", headers=person.auth)


async def test_a_token_is_shown_once(ada: Person, postbox: Postbox, owner_connection: psycopg.Connection) -> None:
    answer = await ada.post(MINE, {"name": " Nightly report ", "scope": "money:write money:read"})
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    made = answer.json()
    assert made["token"].startswith("artel_pat_")
    assert (made["name"], made["scope"], made["last_used_at"]) == ("Nightly report", "money:read money:write", None)
    life = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])
    assert life.days == 90
    shown = {name: value for name, value in made.items() if name != "token"}
    assert (await ada.get(MINE)).json() == {"items": [shown]}
    assert "a personal access token" in postbox.to(ada.email)[-1].text
    assert events(owner_connection, ada) == ["token_created"]
    row = owner_connection.execute(
        "SELECT t::text FROM auth.personal_tokens AS t WHERE id = %s", [made["id"]]
    ).fetchone()
    assert row is not None
    assert made["token"].removeprefix("artel_pat_") not in row[0]


async def test_it_is_exchanged_for_ten_minutes(
    client: AsyncClient, ada: Person, owner_connection: psycopg.Connection
) -> None:
    made = await _create(ada)
    answer = await _exchange(client, made["token"])
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert answer.json().keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert (answer.json()["expires_in"], answer.json()["scope"]) == (600, "money:read")
    claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    assert (claims["amr"], claims["sub"], claims["scope"]) == ("pat", str(ada.id), "money:read")
    life = owner_connection.execute(
        "SELECT extract(epoch FROM expires_at - created_at) FROM auth.sessions WHERE id = %s", [claims["sid"]]
    ).fetchone()
    assert life == (600,)
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await client.get("/v1/money/accounts", headers=headers)).status_code == 200
    assert (await ada.get(MINE)).json()["items"][0]["last_used_at"] is not None
    assert events(owner_connection, ada) == ["token_created", "token_exchanged"]


async def test_when_its_ten_minutes_are_over_they_are(
    client: AsyncClient, ada: Person, owner_connection: psycopg.Connection
) -> None:
    headers = await _bearer(client, (await _create(ada))["token"])
    owner_connection.execute(
        "UPDATE auth.sessions SET expires_at = now() WHERE user_id = %s AND personal_token_id IS NOT NULL", [ada.id]
    )
    assert (await client.get("/v1/money/accounts", headers=headers)).status_code == 401


async def test_it_is_no_bearer_token_itself(client: AsyncClient, ada: Person) -> None:
    token = (await _create(ada))["token"]
    headers = {"Authorization": f"Bearer {token}"}
    for path in ("/v1/auth/me", "/v1/auth/me/mfa", MINE, "/v1/money/accounts", "/v1/analytics/datasets"):
        assert (await client.get(path, headers=headers)).status_code == 401, path
    assert (await client.post("/v1/posts", headers=headers, json={})).status_code == 401
    refused(await client.post("/v1/auth/refresh", json={"refresh_token": token}), 401, "InvalidRefreshToken")


@pytest.mark.parametrize("scope", ["money:write", "posts:write", "analytics:read", "profile"])
async def test_it_does_only_what_it_is_for(client: AsyncClient, ada: Person, scope: str) -> None:
    """Its scope is money:read."""
    token = (await _create(ada))["token"]
    refused(await _exchange(client, token, scope=scope), 422, "UnknownScope")
    headers = await _bearer(client, token)
    opened = await client.post(
        "/v1/money/accounts", json={"currency": "EUR"}, headers={**headers, "Idempotency-Key": "k"}
    )
    refused(opened, 403, "Forbidden")


async def test_less_may_be_asked_for(client: AsyncClient, ada: Person) -> None:
    token = (await _create(ada, "money:read money:write"))["token"]
    answer = await _exchange(client, token, scope="money:read")
    assert answer.json()["scope"] == "money:read"


_ACCOUNT = [
    ("GET", "/v1/auth/me/mfa"),
    ("POST", "/v1/auth/me/mfa/totp"),
    ("DELETE", "/v1/auth/me/mfa/totp"),
    ("POST", "/v1/auth/me/mfa/recovery-codes"),
    ("GET", "/v1/auth/me/passkeys"),
    ("POST", "/v1/auth/me/passkeys/options"),
    ("GET", MINE),
    ("POST", MINE),
]


@pytest.mark.parametrize(("method", "path"), _ACCOUNT)
async def test_it_may_not_touch_the_account(client: AsyncClient, ada: Person, method: str, path: str) -> None:
    headers = await _bearer(client, (await _create(ada, " ".join(scopes.USER & scopes.FOR_PROGRAMS)))["token"])
    body = {"name": "Another", "scope": "money:read"} if path == MINE and method == "POST" else None
    refused(await client.request(method, path, headers=headers, json=body), 403, "Forbidden")


@pytest.mark.parametrize(("method", "path"), [(m, p) for m, p in _ACCOUNT if m != "GET"])
async def test_nor_would_it_with_the_scope_profile(
    ada: Person, owner_connection: psycopg.Connection, method: str, path: str
) -> None:
    """A session of a personal token is never a recent sign-in, whatever its scope."""
    made = await _create(ada)
    owner_connection.execute("UPDATE auth.sessions SET personal_token_id = %s WHERE user_id = %s", [made["id"], ada.id])
    body = {"name": "Another", "scope": "money:read"} if path == MINE else None
    answer = await ada.client.request(method, path, headers=ada.auth, json=body)
    refused(answer, 403, "ReauthenticationRequired")


@pytest.mark.parametrize(
    "scope",
    [
        "profile",
        "admin",
        "money:read profile",
        "money:read admin",
        "posts:moderate",
        "audit:read",
        "no:such",
        " ",
        "\0",
    ],
)
async def test_a_token_carries_no_more_than_its_owner_may_give(ada: Person, scope: str) -> None:
    refused(await ada.post(MINE, {"name": "Script", "scope": scope}), 422, "UnknownScope")


async def test_an_administrator_gives_none_away(people: People) -> None:
    everything = scopes.of_roles(["user", "admin"])
    root = await people.person("Root", roles=("user", "admin"), scope=everything)
    for scope in ("admin", "profile"):
        refused(await root.post(MINE, {"name": "Script", "scope": scope}), 422, "UnknownScope")
    assert (await _create(root, "audit:read posts:moderate"))["scope"] == "audit:read posts:moderate"


async def test_a_lost_role_takes_its_scope_along(
    client: AsyncClient, people: People, owner_connection: psycopg.Connection
) -> None:
    grace = await people.person("Grace", roles=("user", "auditor"))
    token = (await _create(grace, "audit:read money:read"))["token"]
    assert (await _exchange(client, token)).json()["scope"] == "audit:read money:read"
    owner_connection.execute("UPDATE auth.users SET roles = '{user}' WHERE id = %s", [grace.id])
    assert (await _exchange(client, token)).json()["scope"] == "money:read"
    refused(await _exchange(client, token, scope="audit:read"), 422, "UnknownScope")


async def test_revoked_it_ends_with_all_that_came_of_it(
    client: AsyncClient, ada: Person, owner_connection: psycopg.Connection
) -> None:
    made, other = await _create(ada), await _create(ada)
    headers = [await _bearer(client, made["token"]) for _ in range(2)]
    kept = await _bearer(client, other["token"])
    assert (await _revoke(ada, made["id"])).status_code == 204
    for each in headers:
        assert (await client.get("/v1/money/accounts", headers=each)).status_code == 401
    refused(await _exchange(client, made["token"]), 401, "InvalidPersonalToken")
    assert (await client.get("/v1/money/accounts", headers=kept)).status_code == 200
    assert (await ada.get("/v1/auth/me")).status_code == 200
    assert [item["id"] for item in (await ada.get(MINE)).json()["items"]] == [other["id"]]
    refused(await _revoke(ada, made["id"]), 404, "PersonalTokenNotFound")
    assert events(owner_connection, ada)[-1] == "token_revoked"


async def test_revoked_while_it_is_exchanged_nothing_survives(client: AsyncClient, ada: Person) -> None:
    made = await _create(ada)
    *answers, revoked = await asyncio.gather(
        *(_exchange(client, made["token"]) for _ in range(6)), _revoke(ada, made["id"])
    )
    assert revoked.status_code == 204
    for answer in answers:
        assert answer.status_code in {200, 401}
        if answer.status_code == 200:
            headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
            assert (await client.get("/v1/money/accounts", headers=headers)).status_code == 401


async def test_another_persons_token_is_not_there(client: AsyncClient, ada: Person, bob: Person) -> None:
    made = await _create(ada)
    assert (await bob.get(MINE)).json() == {"items": []}
    refused(await _revoke(bob, made["id"]), 404, "PersonalTokenNotFound")
    assert (await _exchange(client, made["token"])).status_code == 200


@pytest.mark.parametrize(
    "end",
    [
        "UPDATE auth.personal_tokens SET expires_at = now() WHERE user_id = %s",
        "UPDATE auth.personal_tokens SET revoked_at = now() WHERE user_id = %s",
        "UPDATE auth.users SET disabled_at = now() WHERE id = %s",
        "UPDATE auth.users SET deleted_at = now() WHERE id = %s",
    ],
    ids=["expired", "revoked", "disabled", "deleted"],
)
async def test_what_has_ended_is_401(
    client: AsyncClient, ada: Person, owner_connection: psycopg.Connection, end: str
) -> None:
    token = (await _create(ada))["token"]
    owner_connection.execute(end, [ada.id])
    refused(await _exchange(client, token), 401, "InvalidPersonalToken")


async def test_no_letter_of_it_may_change(client: AsyncClient, ada: Person, bob: Person) -> None:
    token, bobs = (await _create(ada))["token"], (await _create(bob))["token"]
    flipped = token[:-1] + ("A" if token[-1] != "A" else "B")
    for wrong in (
        flipped,
        token.removeprefix("artel_pat_"),
        token.upper(),
        token + "=",
        token + "A",
        " " + token,
        token[:40] + bobs[40:],
        "artel_pat_",
        "artel_pat_" + "A" * 64,
        "artel_pat_" + "é" * 64,
        "x",
        "",
        ada.token[:200],
    ):
        refused(await _exchange(client, wrong), 401, "InvalidPersonalToken")


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"token": None},
        {"token": 7},
        {"token": "x" * 10_000},
        {"token": "\ud800"},
        {"token": "x", "scope": "x" * 10_000},
        {"token": "x", "scope": ["money:read"]},
        {"token": "x", "transport": "body"},
        {"token": "x", "user_id": "1"},
    ],
)
async def test_a_malformed_exchange_is_422(client: AsyncClient, order: dict[str, Any]) -> None:
    answer = await client.post(EXCHANGE, content=json.dumps(order), headers={"Content-Type": "application/json"})
    refused(answer, 422, "MalformedRequest")


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "  "},
        {"name": "x" * 61},
        {"name": "a\0"},
        {"name": "a\r\nb"},
        {"name": "\ud800"},
        {"scope": ""},
        {"scope": "x" * 10_000},
        {"scope": None},
        {"expires_in_days": 0},
        {"expires_in_days": -1},
        {"expires_in_days": 367},
        {"expires_in_days": 1.5},
        {"expires_in_days": 10**400},
        {"expires_in_days": None},
        {"expires_at": "2999-01-01T00:00:00Z"},
        {"user_id": "1"},
        {"token": "artel_pat_mine"},
    ],
)
async def test_a_malformed_order_is_422(ada: Person, change: dict[str, Any]) -> None:
    body = json.dumps({"name": "Script", "scope": "money:read", **change})
    headers = {**ada.auth, "Content-Type": "application/json"}
    refused(await ada.client.post(MINE, content=body, headers=headers), 422, "MalformedRequest")


@pytest.mark.parametrize("days", [1, 366])
async def test_its_life_is_a_day_to_a_year(ada: Person, days: int) -> None:
    made = await _create(ada, expires_in_days=days)
    assert (datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])).days == days


async def test_fifty_are_enough_also_at_once(ada: Person, owner_connection: psycopg.Connection) -> None:
    """Those that have ended make room."""
    await _create(ada)
    owner_connection.execute(
        "INSERT INTO auth.personal_tokens (user_id, name, scope, secret_hash, expires_at)"
        " SELECT user_id, name, scope, secret_hash, expires_at FROM auth.personal_tokens, generate_series(1, 47)"
        " WHERE user_id = %s",
        [ada.id],
    )
    order = {"name": "Script", "scope": "money:read"}
    answers = await asyncio.gather(*(ada.post(MINE, order) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409]
    refused(await ada.post(MINE, order), 409, "TooManyThings")
    items = (await ada.get(MINE)).json()["items"]
    assert len(items) == 50
    assert (await _revoke(ada, items[0]["id"])).status_code == 204
    assert (await ada.post(MINE, order)).status_code == 201


async def test_making_one_wants_a_sign_in_of_a_short_while_ago(
    ada: Person, owner_connection: psycopg.Connection
) -> None:
    made = await _create(ada)
    age_sessions(owner_connection, ada)
    refused(await ada.post(MINE, {"name": "Script", "scope": "money:read"}), 403, "ReauthenticationRequired")
    assert (await ada.get(MINE)).status_code == 200
    assert (await _revoke(ada, made["id"])).status_code == 204


async def test_an_unproved_address_gets_none(ada: Person, owner_connection: psycopg.Connection) -> None:
    unverify(owner_connection, ada)
    refused(await ada.post(MINE, {"name": "Script", "scope": "money:read"}), 403, "EmailNotVerified")


async def test_exchanges_are_limited(client: AsyncClient, ada: Person) -> None:
    """Sixty a minute for a token, wherever it is used from; another token goes on."""
    token, other = (await _create(ada))["token"], (await _create(ada))["token"]
    transport = ASGITransport(client._transport.app, client=("2001:db8:99::1", 5))  # type: ignore[attr-defined]
    async with AsyncClient(transport=transport, base_url="http://localhost:8000") as elsewhere:
        for _ in range(60):
            assert (await _exchange(elsewhere, token)).status_code == 200
        over = await _exchange(client, token)
        refused(over, 429, "TooManyRequests")
        assert 0 < int(over.headers["retry-after"]) <= 60
        assert (await _exchange(elsewhere, other)).status_code == 200
