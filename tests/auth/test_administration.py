"""What administrators may do with others' accounts, and what not even they may."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from httpx import AsyncClient, Response

from auth.appointment import CannotAppoint, appoint
from auth.errors import UnknownRole
from auth.passwords import hash_password
from common.db import transaction
from common.models.auth import User
from common.scopes import USER, of_roles
from tests.auth.postbox import Postbox
from tests.people import People, Person

PASSWORD = "a kettle of fish and tea"
CHECKOUT = Path(__file__).parents[2]


async def _admin(people: People, name: str = "Root") -> Person:
    roles = ("user", "admin")
    return await people.person(name, roles=roles, scope=of_roles(roles))


@pytest.fixture
async def root(people: People) -> Person:
    return await _admin(people)


@pytest.fixture
def alone(owner_connection: psycopg.Connection) -> None:
    """Nobody is an administrator but whom the test makes one."""
    owner_connection.execute("UPDATE auth.users SET roles = '{user}' WHERE 'admin' = ANY(roles)")


async def _do(who: Person, whom: Person, what: str, body: Any = None, method: str = "POST") -> Response:
    path = f"/v1/auth/admin/users/{whom.id}{what}"
    return await who.client.request(method, path, json=body, headers=who.auth)


async def _roles(who: Person, whom: Person, *roles: str) -> Response:
    return await _do(who, whom, "/roles", {"roles": roles}, "PUT")


async def _listed(who: Person, **asked: str) -> list[str]:
    answer = await who.client.get("/v1/auth/admin/users", headers=who.auth, params=asked)
    assert answer.status_code == 200, answer.text
    return [item["email"] for item in answer.json()["items"]]


def _noted(connection: psycopg.Connection, whom: Person) -> list[tuple[Any, ...]]:
    query = "SELECT event, actor_id, detail FROM auth.audit_log WHERE user_id = %s ORDER BY id"
    return connection.execute(query, [whom.id]).fetchall()


async def test_accounts_are_found_by_a_part_of_address_or_name(root: Person, people: People) -> None:
    ada, percent = await people.person("Adelaide"), await people.person("100%_sure")
    assert await _listed(root, q=ada.email[:20]) == [ada.email]
    assert ada.email in await _listed(root, q="ADELAI")
    assert percent.email in await _listed(root, q="%_SU")
    assert ada.email not in await _listed(root, q="%_s")
    assert await _listed(root, q="\\") == []


async def test_accounts_are_found_by_status_and_role(
    root: Person, people: People, owner_connection: psycopg.Connection
) -> None:
    made = {name: await people.person(name) for name in ("Disabled", "Deleted", "Unverified", "Active")}
    for name, change in {
        "Disabled": "disabled_at = now()",
        "Deleted": "deleted_at = now()",
        "Unverified": "email_verified_at = NULL",
    }.items():
        owner_connection.execute(f"UPDATE auth.users SET {change} WHERE id = %s", [made[name].id])
    for name, person in made.items():
        assert person.email in await _listed(root, status=name.lower(), q=person.email), name
    for name in ("Disabled", "Deleted"):
        assert await _listed(root, status="active", q=made[name].email) == []
    assert root.email in await _listed(root, role="admin")
    assert made["Active"].email not in await _listed(root, role="admin", limit="100")


async def test_pages_of_accounts_follow_each_other(root: Person, people: People) -> None:
    made = [await people.person("Pageling") for _ in range(5)]
    seen, asked = list[str](), {"q": "pageling", "limit": "2"}
    for _ in range(10):
        answer = (await root.client.get("/v1/auth/admin/users", headers=root.auth, params=asked)).json()
        seen += [item["email"] for item in answer["items"]]
        if answer["next_cursor"] is None:
            break
        asked["cursor"] = answer["next_cursor"]
    assert seen[:5] == [person.email for person in reversed(made)]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(
    "asked", [{"status": "dead"}, {"limit": "0"}, {"q": "\0"}, {"q": "x" * 255}, {"role": "'"}, {"limit": "1e9"}]
)
async def test_an_absurd_filter_is_422(root: Person, asked: dict[str, str]) -> None:
    assert (await root.client.get("/v1/auth/admin/users", headers=root.auth, params=asked)).status_code == 422


async def test_one_account_is_shown_without_any_secret(root: Person, ada: Person) -> None:
    async with transaction("auth") as session:
        (await session.get_one(User, ada.id)).password_hash = await hash_password(PASSWORD)
    shown = (await _do(root, ada, "", method="GET")).json()
    assert (shown["email"], shown["roles"], shown["has_password"], shown["sessions"]) == (ada.email, ["user"], True, 1)
    assert shown["factors"] == {"totp": False, "recovery_codes_left": 0, "passkeys": 0}
    assert "argon2" not in str(shown)
    assert "hash" not in str(shown)


async def test_a_name_is_mended_and_nothing_else(
    root: Person, ada: Person, owner_connection: psycopg.Connection
) -> None:
    changed = await _do(root, ada, "", {"display_name": "Ada L.", "locale": "ru"}, "PATCH")
    assert (changed.json()["display_name"], changed.json()["locale"]) == ("Ada L.", "ru")
    assert _noted(owner_connection, ada) == [("profile_changed", root.id, {"fields": ["display_name", "locale"]})]
    bodies: list[dict[str, Any]] = [
        {"email": "a@b.example"},
        {"roles": ["admin"]},
        {"password": PASSWORD},
        {"display_name": None},
        {"locale": "xx"},
        {"id": str(root.id)},
    ]
    for body in bodies:
        assert (await _do(root, ada, "", body, "PATCH")).status_code == 422


async def test_who_is_disabled_is_out_at_once_gets_a_letter_and_may_come_back(
    root: Person, ada: Person, client: AsyncClient, postbox: Postbox, owner_connection: psycopg.Connection
) -> None:
    async with transaction("auth") as session:
        (await session.get_one(User, ada.id)).password_hash = await hash_password(PASSWORD)
    order = {"email": ada.email, "password": PASSWORD, "transport": "body"}
    refresh = (await client.post("/v1/auth/login", json=order)).json()["refresh_token"]
    disabled = await _do(root, ada, "/disable", {"reason": "spam"})
    assert (disabled.status_code, disabled.json()["sessions"]) == (200, 0)
    assert (await ada.get("/v1/money/accounts")).status_code == 401
    assert (await client.post("/v1/auth/refresh", json={"refresh_token": refresh})).status_code == 401
    assert (await client.post("/v1/auth/login", json=order)).json()["code"] == "InvalidCredentials"
    assert len(postbox.to(ada.email)) == 1
    assert (await _do(root, ada, "/disable", {"reason": "again"})).status_code == 200
    assert len(postbox.to(ada.email)) == 1

    assert (await _do(root, ada, "/enable")).json()["disabled_at"] is None
    assert (await ada.get("/v1/auth/me")).status_code == 401
    assert (await client.post("/v1/auth/login", json=order)).status_code == 200
    acts = [line for line in _noted(owner_connection, ada) if line[1] == root.id]
    assert acts == [("disabled", root.id, {"reason": "spam"}), ("enabled", root.id, {})]


async def test_somebody_is_signed_out_everywhere(root: Person, ada: Person) -> None:
    assert (await _do(root, ada, "/revoke-sessions")).json() == {"ended": 1}
    assert (await ada.get("/v1/auth/me")).status_code == 401
    assert (await root.get("/v1/auth/me")).status_code == 200


async def test_a_password_is_reset_by_a_letter_that_only_the_person_sees(
    root: Person, ada: Person, client: AsyncClient, postbox: Postbox
) -> None:
    asked = await _do(root, ada, "/password-reset")
    assert asked.status_code == 202
    token = postbox.token(ada.email)
    assert token not in asked.text
    reset = await client.post("/v1/auth/password/reset", json={"token": token, "password": PASSWORD})
    assert reset.status_code == 204, reset.text
    await _do(root, ada, "/disable", {"reason": "r"})
    refused = await _do(root, ada, "/password-reset")
    assert (refused.status_code, refused.json()["code"]) == (409, "AccountClosed")


async def test_a_role_is_given_and_taken_and_an_old_token_loses_it_at_once(
    root: Person, people: People, owner_connection: psycopg.Connection
) -> None:
    scope = USER | {"audit:read"}
    rita = await people.person("Rita", scope=scope)
    assert (await rita.get("/v1/auth/admin/audit")).status_code == 403
    given = await _roles(root, rita, "auditor", "auditor")
    assert given.json()["roles"] == ["user", "auditor"]
    assert (await rita.get("/v1/auth/admin/audit")).status_code == 200
    assert (await _roles(root, rita)).json()["roles"] == ["user"]
    refused = await rita.get("/v1/auth/admin/audit")
    assert (refused.status_code, refused.json()["code"]) == (403, "Forbidden")
    noted = _noted(owner_connection, rita)
    assert [detail for _, actor, detail in noted if actor == root.id] == [
        {"before": ["user"], "roles": ["user", "auditor"]},
        {"before": ["user", "auditor"], "roles": ["user"]},
    ]


@pytest.mark.parametrize("roles", [["king"], ["ADMIN"], ["admin "], [""], ["\0"]])
async def test_a_role_that_there_is_not_is_422(root: Person, ada: Person, roles: list[str]) -> None:
    refused = await _roles(root, ada, *roles)
    assert (refused.status_code, refused.json()["code"]) == (422, "UnknownRole")


@pytest.mark.parametrize("body", [{"roles": "admin"}, {"roles": [1]}, {"roles": ["user"] * 11}, {}, {"roles": None}])
async def test_roles_that_are_no_list_are_422(root: Person, ada: Person, body: dict[str, Any]) -> None:
    assert (await _do(root, ada, "/roles", body, "PUT")).status_code == 422


async def test_nobody_disables_themselves(root: Person) -> None:
    refused = await _do(root, root, "/disable", {"reason": "tired"})
    assert (refused.status_code, refused.json()["code"]) == (409, "NotYourself")


@pytest.mark.usefixtures("alone")
async def test_the_last_administrator_stays_one(people: People) -> None:
    root = await _admin(people)
    refused = await _roles(root, root, "user")
    assert (refused.status_code, refused.json()["code"]) == (409, "LastAdministrator")
    other = await _admin(people, "Other")
    assert (await _do(root, other, "/disable", {"reason": "r"})).status_code == 200
    # Who is disabled does not count.
    assert (await _roles(root, root, "user")).json()["code"] == "LastAdministrator"
    assert (await _do(root, other, "/enable")).status_code == 200
    assert (await _roles(root, root, "user")).status_code == 200
    assert (await root.get("/v1/auth/admin/users")).status_code == 403


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("way", ["roles", "disable"])
async def test_two_who_remove_each_other_at_once_leave_one(
    people: People, owner_connection: psycopg.Connection, way: str
) -> None:
    for _ in range(5):
        pair = [await _admin(people), await _admin(people)]

        async def remove(who: Person, whom: Person) -> int:
            answer = await (_roles(who, whom) if way == "roles" else _do(who, whom, "/disable", {"reason": "r"}))
            return answer.status_code

        statuses = await asyncio.gather(remove(pair[0], pair[1]), remove(pair[1], pair[0]))
        left = owner_connection.execute(
            "SELECT count(*) FROM auth.users WHERE 'admin' = ANY(roles) AND disabled_at IS NULL"
        ).fetchone()
        assert left == (1,), statuses
        assert sorted(statuses) in ([200, 401], [200, 403], [200, 409])
        owner_connection.execute("UPDATE auth.users SET roles = '{user}' WHERE 'admin' = ANY(roles)")


@pytest.mark.parametrize(
    ("method", "what", "body"),
    [
        ("POST", "/disable", {"reason": "r"}),
        ("POST", "/enable", None),
        ("PUT", "/roles", {"roles": ["admin"]}),
    ],
)
async def test_what_decides_who_gets_in_wants_a_recent_sign_in(
    root: Person, ada: Person, owner_connection: psycopg.Connection, method: str, what: str, body: Any
) -> None:
    older = "UPDATE auth.sessions SET created_at = now() - interval '16 minutes' WHERE user_id = %s"
    owner_connection.execute(older, [root.id])
    refused = await _do(root, ada, what, body, method)
    assert (refused.status_code, refused.json()["code"]) == (403, "ReauthenticationRequired")
    assert (await _do(root, ada, "", method="GET")).status_code == 200


@pytest.mark.parametrize(
    ("method", "what", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"display_name": "x"}),
        ("POST", "/disable", {"reason": "r"}),
        ("POST", "/enable", None),
        ("POST", "/revoke-sessions", None),
        ("POST", "/password-reset", None),
        ("PUT", "/roles", {"roles": ["admin"]}),
    ],
)
async def test_nobody_else_gets_in(
    ada: Person, bob: Person, people: People, root: Person, method: str, what: str, body: Any
) -> None:
    roles = ("user", "moderator", "auditor")
    # What a token says counts for nothing without the role.
    clerk = await people.person("Clerk", roles=roles, scope=of_roles(roles) | {"admin"})
    for who in (ada, clerk):
        assert (await _do(who, bob, what, body, method)).status_code == 403
    assert (await bob.client.request(method, f"/v1/auth/admin/users/{bob.id}{what}", json=body)).status_code == 401
    nobody = Person(type(bob.id)(int=0), "", "", bob.client)
    unknown = await _do(root, nobody, what, body, method)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "UserNotFound")
    assert (await bob.get("/v1/auth/me")).json()["roles"] == ["user"]


async def test_an_erased_account_stays_erased(root: Person, ada: Person, owner_connection: psycopg.Connection) -> None:
    owner_connection.execute("UPDATE auth.users SET deleted_at = now(), erased_at = now() WHERE id = %s", [ada.id])
    for method, what, body in (("PATCH", "", {"display_name": "x"}), ("PUT", "/roles", {"roles": ["admin"]})):
        refused = await _do(root, ada, what, body, method)
        assert (refused.status_code, refused.json()["code"]) == (409, "AccountClosed")


async def test_the_first_administrator_is_appointed_by_a_command(
    ada: Person, owner_connection: psycopg.Connection
) -> None:
    assert await appoint(ada.email.upper(), "admin") == ["user", "admin"]
    assert await appoint(ada.email, "moderator") == ["user", "moderator", "admin"]
    lines = _noted(owner_connection, ada)
    assert lines[0] == ("roles_changed", None, {"roles": ["user", "admin"], "by": "command"})


async def test_only_who_has_a_verified_account_is_appointed(ada: Person, owner_connection: psycopg.Connection) -> None:
    with pytest.raises(UnknownRole):
        await appoint(ada.email, "king")
    with pytest.raises(CannotAppoint):
        await appoint("nobody@example.org", "admin")
    for change in ("email_verified_at = NULL", "email_verified_at = now(), disabled_at = now()"):
        owner_connection.execute(f"UPDATE auth.users SET {change} WHERE id = %s", [ada.id])
        with pytest.raises(CannotAppoint):
            await appoint(ada.email, "admin")


def _command(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tools.appoint", *arguments],
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_the_command_line_appoints(ada: Person, database: str) -> None:
    done = await asyncio.to_thread(_command, ada.email, "auditor", DATABASE_URL=database)
    assert (done.returncode, done.stderr) == (0, "")
    assert "user, auditor" in done.stdout
    assert (await ada.get("/v1/auth/me")).json()["roles"] == ["user", "auditor"]


@pytest.mark.parametrize(
    ("arguments", "url", "code", "sentence"),
    [
        (["nobody@example.org"], None, 65, "There is no account with this address"),
        (["a@b.example", "king"], None, 2, "invalid choice"),
        (["a@b.example"], "mysql://a:secret@b/c", 65, "needs postgresql://"),
        (["a@b.example"], "postgresql://a:secret@127.0.0.1:1/x", 69, "cannot be used"),
    ],
)
def test_the_command_line_says_what_is_wrong(
    database: str, arguments: list[str], url: str | None, code: int, sentence: str
) -> None:
    done = _command(*arguments, DATABASE_URL=url or database)
    assert done.returncode == code, done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr
