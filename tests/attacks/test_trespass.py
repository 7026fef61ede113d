"""Somebody who is signed in and wants what is not theirs."""

import secrets
from typing import Any
from uuid import uuid4

import pytest

from tests.attacks.door import Door, bearer, refused
from tests.attacks.forging import Forger
from tests.attacks.members import PASSWORD, Member, SignedIn, member
from tests.attacks.silence import says_nothing, without_id
from tests.template.routes import Route, declared

ADMINISTRATION = sorted(route for route in declared() if "/admin/" in route.path)


def _row(door: Door, statement: str, *values: Any) -> str:
    found = door.owner.execute(f"{statement} RETURNING id", values).fetchone()
    assert found is not None
    return str(found[0])


async def _session(hers: SignedIn, ada: Member) -> str:
    return str((await hers.made("GET", "/v1/auth/me/sessions"))["items"][0]["id"])


async def _token(hers: SignedIn, ada: Member) -> str:
    return str((await hers.made("POST", "/v1/auth/me/tokens", {"name": "n", "scope": "money:read"}))["id"])


async def _export(hers: SignedIn, ada: Member) -> str:
    return _row(ada.door, "INSERT INTO auth.exports (user_id, status) VALUES (%s, 'expired')", ada.id)


async def _passkey(hers: SignedIn, ada: Member) -> str:
    statement = """INSERT INTO auth.passkeys (user_id, credential_id, public_key, sign_count, name, backed_up)
        VALUES (%s, %s, '', 0, 'key', false)"""
    return _row(ada.door, statement, ada.id, secrets.token_bytes(16))


async def _identity(hers: SignedIn, ada: Member) -> str:
    statement = "INSERT INTO auth.external_identities (issuer, subject, user_id, provider) VALUES ('i', %s, %s, 'p')"
    return _row(ada.door, statement, secrets.token_hex(8), ada.id)


async def _account(hers: SignedIn, ada: Member) -> str:
    headers = {**bearer(hers.access), "Idempotency-Key": secrets.token_hex(8)}
    return str((await ada.door.call("POST", "/v1/money/accounts", {"currency": "EUR"}, headers)).json["id"])


THINGS: dict[str, Any] = {
    "session": ("DELETE", "/v1/auth/me/sessions/{}", _session, None),
    "personal token": ("DELETE", "/v1/auth/me/tokens/{}", _token, None),
    "export": ("GET", "/v1/auth/me/export/{}", _export, None),
    "passkey": ("DELETE", "/v1/auth/me/passkeys/{}", _passkey, None),
    "passkey's name": ("PATCH", "/v1/auth/me/passkeys/{}", _passkey, {"name": "mine"}),
    "outside account": ("DELETE", "/v1/auth/me/identities/{}", _identity, None),
    "account of money": ("GET", "/v1/money/accounts/{}", _account, None),
}


@pytest.mark.parametrize("thing", THINGS)
async def test_what_is_another_s_is_as_if_absent(ada: Member, bob: Member, thing: str) -> None:
    method, path, made, order = THINGS[thing]
    hers, his = await ada.sign_in(), await bob.sign_in()
    theirs = await his.call(method, path.format(await made(hers, ada)), order)
    nobodys = await his.call(method, path.format(uuid4()), order)
    assert theirs.status == nobodys.status == 404
    assert without_id(theirs) == without_id(nobodys)
    assert (await hers.call("GET", "/v1/auth/me")).status == 200


def _order(route: Route) -> dict[str, Any] | None:
    """One that an administrator's request would succeed with."""
    orders: dict[str, dict[str, Any]] = {
        "PATCH /v1/auth/admin/users/{}": {"display_name": "X"},
        "POST /v1/auth/admin/users/{}/disable": {"reason": "x"},
        "PUT /v1/auth/admin/users/{}/roles": {"roles": ["admin"]},
    }
    return orders.get(route.key)


def _forbidden(door: Door, answer: Any) -> None:
    assert answer.status == 403, answer
    assert door.name == "deployed" or answer.json["code"] == "Forbidden"


@pytest.mark.parametrize("roles", [(), ("moderator",)], ids=["user", "moderator"])
async def test_administration_is_forbidden_to_others(door: Door, bob: Member, roles: tuple[str, ...]) -> None:
    assert len(ADMINISTRATION) >= 9
    his = await member(door, "Mallory", *roles).sign_in()
    for route in ADMINISTRATION:
        path = route.path.replace("{}", str(bob.id))
        _forbidden(door, await his.call(route.method, path, _order(route)))
    assert (await bob.try_to_sign_in()).status == 200


async def test_an_auditor_reads_the_log_and_no_more(door: Door, bob: Member) -> None:
    hers = await member(door, "Audrey", "auditor").sign_in()
    assert (await hers.call("GET", "/v1/auth/admin/audit")).status == 200
    for route in ADMINISTRATION:
        if route.path != "/v1/auth/admin/audit":
            _forbidden(door, await hers.call(route.method, route.path.replace("{}", str(bob.id)), _order(route)))


async def test_a_scope_that_the_account_has_not_cannot_be_asked_for(door: Door, ada: Member) -> None:
    hers = await ada.sign_in()
    for scope in ("admin", "profile admin", "audit:read", "*"):
        refused(await ada.try_to_sign_in(scope=scope), 422, "UnknownScope")
    for scope in ("admin", "profile", "money:read profile", "audit:read"):
        refused(await hers.call("POST", "/v1/auth/me/tokens", {"name": "n", "scope": scope}), 422, "UnknownScope")


async def test_a_scope_that_no_role_brings_is_worth_nothing_even_under_our_own_signature(
    door: Door, ada: Member
) -> None:
    forger = Forger(door, (await ada.sign_in()).access)
    theirs = SignedIn(door, forger.with_claims(scope="admin audit:read profile"), "", "")
    for route in ADMINISTRATION:
        answer = await theirs.call(route.method, route.path.replace("{}", str(uuid4())), _order(route))
        refused(answer, 403, "Forbidden")
    assert (await theirs.made("GET", "/v1/auth/me"))["roles"] == ["user"]


async def test_a_token_of_a_lost_role_is_forbidden_at_once(door: Door) -> None:
    boss = await member(door, "Boss", "admin").sign_in()
    other = member(door, "Other", "admin")
    theirs = await other.sign_in()
    users = "/v1/auth/admin/users"
    assert (await theirs.call("GET", users)).status == 200
    await boss.made("PUT", f"{users}/{other.id}/roles", {"roles": ["user"]})
    refused(await theirs.call("GET", users), 403, "Forbidden")
    refused(await theirs.call("PUT", f"{users}/{other.id}/roles", {"roles": ["admin"]}), 403, "Forbidden")
    again = await theirs.refreshed()
    assert (await again.call("GET", users)).status == 403
    assert (await theirs.call("GET", "/v1/auth/me")).status == 200


async def test_a_narrow_token_does_no_more_than_it_says(door: Door, ada: Member) -> None:
    hers = await ada.sign_in(scope="money:read")
    assert (await hers.call("GET", "/v1/money/accounts")).status == 200
    for method, path in (
        ("POST", "/v1/posts"),
        ("GET", "/v1/analytics/datasets"),
        ("GET", "/v1/auth/me/sessions"),
        ("POST", "/v1/auth/me/mfa/totp"),
    ):
        _forbidden(door, await hers.call(method, path, {"title": "t", "body": "b"} if path == "/v1/posts" else None))


async def test_a_personal_token_changes_nothing_of_the_account(door: Door, ada: Member) -> None:
    hers = await ada.sign_in()
    made = await hers.made("POST", "/v1/auth/me/tokens", {"name": "n", "scope": "money:read posts:write"})
    exchanged = await door.call("POST", "/v1/auth/tokens/exchange", {"token": made["token"]})
    assert "refresh_token" not in exchanged.json
    program = SignedIn(door, exchanged.json["access_token"], "", "")
    order = {"current_password": PASSWORD, "new_password": "another battery of horses"}
    for method, path, body in (
        ("POST", "/v1/auth/me/password", order),
        ("POST", "/v1/auth/me/email", {"email": "mallory@example.org"}),
        ("POST", "/v1/auth/me/tokens", {"name": "n", "scope": "money:read"}),
        ("POST", "/v1/auth/me/mfa/totp", None),
        ("POST", "/v1/auth/me/passkeys/options", None),
        ("DELETE", "/v1/auth/me", {"confirm": ada.email}),
        ("PATCH", "/v1/auth/me", {"display_name": "Mallory"}),
        ("DELETE", "/v1/auth/me/sessions", None),
    ):
        _forbidden(door, await program.call(method, path, body))


async def test_an_old_sign_in_changes_no_way_in(door: Door, ada: Member) -> None:
    hers = await ada.sign_in()
    old = "UPDATE auth.sessions SET created_at = now() - interval '16 minutes' WHERE user_id = %s"
    assert door.owner.execute(old, [ada.id]).rowcount == 1
    for method, path, body in (
        ("POST", "/v1/auth/me/email", {"email": "mallory@example.org"}),
        ("POST", "/v1/auth/me/tokens", {"name": "n", "scope": "money:read"}),
        ("POST", "/v1/auth/me/mfa/totp", None),
        ("DELETE", "/v1/auth/me/mfa/totp", None),
        ("POST", "/v1/auth/me/mfa/recovery-codes", None),
        ("POST", "/v1/auth/me/passkeys/options", None),
        ("DELETE", "/v1/auth/me", {"confirm": ada.email}),
    ):
        refused(await hers.call(method, path, body), 403, "ReauthenticationRequired")
    fresh = await hers.refreshed()
    refused(await fresh.call("POST", "/v1/auth/me/mfa/totp"), 403, "ReauthenticationRequired")


FOREIGN = ["https://attacker.example", "null", "http://localhost:8000.attacker.example", "http://localhost:8001", ""]


@pytest.mark.parametrize("origin", [*FOREIGN, None])
@pytest.mark.parametrize("path", ["/v1/auth/refresh", "/v1/auth/logout"])
async def test_the_cookie_is_not_taken_from_other_sites(door: Door, ada: Member, path: str, origin: str | None) -> None:
    hers = await ada.sign_in()
    headers = {"Cookie": f"artel-refresh={hers.refresh}"} | ({} if origin is None else {"Origin": origin})
    refused(await door.call("POST", path, headers=headers), 403, "ForeignOrigin")
    ours = {"Cookie": f"artel-refresh={hers.refresh}", "Origin": door.origin}
    assert (await door.call("POST", "/v1/auth/refresh", headers=ours)).status == 200
    assert (await hers.call("GET", "/v1/auth/me")).status == 200


async def test_another_origin_is_not_told_that_it_may_read_answers(door: Door, ada: Member) -> None:
    hers = await ada.sign_in()
    answer = await door.call("GET", "/v1/auth/me", headers={**bearer(hers.access), "Origin": FOREIGN[0]})
    assert answer.headers.get("access-control-allow-origin") in (None, door.origin)


async def test_nobody_is_told_whether_an_id_is_anybody_s(door: Door) -> None:
    for user in (uuid4(), member(door, "Ada").id):
        says_nothing(door, await door.call("GET", f"/v1/auth/admin/users/{user}"))
