"""Who reads the audit log, what they see of it, and that nobody changes it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from auth import audit
from auth.client import Client
from common.db import transaction
from common.scopes import of_roles
from tests.people import People, Person


@pytest.fixture
async def auditor(people: People) -> Person:
    roles = ("user", "auditor")
    return await people.person("Auditor", roles=roles, scope=of_roles(roles))


async def _note(event: audit.Event, user_id: UUID | None, address: str = "203.0.113.9", **more: Any) -> None:
    async with transaction("auth") as session:
        await audit.note(session, event, user_id, Client(address, "an agent", "a-request"), **more)


async def _items(who: Person, path: str, **asked: str) -> list[dict[str, Any]]:
    answer = await who.client.get(path, headers=who.auth, params=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_people_read_what_happened_to_them_and_to_nobody_else(ada: Person, bob: Person) -> None:
    await _note("password_changed", ada.id)
    await _note("totp_enabled", bob.id)
    items = await _items(ada, "/v1/auth/me/audit")
    assert [item["event"] for item in items] == ["password_changed"]
    assert (items[0]["by"], items[0]["address"], items[0]["user_agent"]) == ("you", "203.0.113.9", "an agent")


async def test_they_learn_that_an_administrator_did_it_but_not_who_or_from_where(ada: Person, bob: Person) -> None:
    await _note("roles_changed", ada.id, actor_id=bob.id)
    (item,) = await _items(ada, "/v1/auth/me/audit")
    assert item["by"] == "administrator"
    assert "203.0.113.9" not in str(item)
    assert str(bob.id) not in str(item)
    assert await _items(bob, "/v1/auth/me/audit") == []


async def test_what_anybody_can_cause_is_not_said_to_be_theirs(ada: Person) -> None:
    await _note("sign_in_failed", ada.id, "198.51.100.4")
    (item,) = await _items(ada, "/v1/auth/me/audit")
    assert (item["by"], item["address"]) == ("somebody", "198.51.100.4")


async def test_a_command_is_the_system_s(ada: Person) -> None:
    async with transaction("auth") as session:
        await audit.note(session, "roles_changed", ada.id, actor_id="nobody", by="command")
    (item,) = await _items(ada, "/v1/auth/me/audit")
    assert item["by"] == "system"


@pytest.mark.parametrize("path", ["/v1/auth/me/audit", "/v1/auth/admin/audit"])
async def test_pages_follow_each_other_without_gap_or_repeat(auditor: Person, path: str) -> None:
    events: list[audit.Event] = ["signed_in", "avatar_changed", "export_asked", "signed_out", "password_changed"]
    for event in events:
        await _note(event, auditor.id)
    seen: list[str] = []
    asked = {"limit": "2", **({"user_id": str(auditor.id)} if "admin" in path else {})}
    for _ in range(3):
        answer = (await auditor.client.get(path, headers=auditor.auth, params=asked)).json()
        seen += [item["event"] for item in answer["items"]]
        asked["cursor"] = answer["next_cursor"] or ""
    assert answer["next_cursor"] is None
    assert seen == list(reversed(events))


async def test_auditors_find_by_person_actor_event_and_time(auditor: Person, ada: Person, bob: Person) -> None:
    start = datetime.now(UTC)
    await _note("disabled", ada.id, actor_id=bob.id, reason="spam")
    await _note("enabled", ada.id, actor_id=bob.id)
    await _note("signed_in", bob.id)

    async def found(**asked: str) -> list[str]:
        return [item["event"] for item in await _items(auditor, "/v1/auth/admin/audit", **asked)]

    assert await found(user_id=str(ada.id)) == ["enabled", "disabled"]
    assert await found(actor_id=str(bob.id)) == ["signed_in", "enabled", "disabled"]
    assert await found(user_id=str(ada.id), event="disabled") == ["disabled"]
    assert await found(actor_id=str(bob.id), since=start.isoformat()) == ["signed_in", "enabled", "disabled"]
    assert await found(actor_id=str(bob.id), until=start.isoformat()) == []
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    assert await found(actor_id=str(bob.id), since=later) == []
    (disabled,) = await _items(auditor, "/v1/auth/admin/audit", user_id=str(ada.id), event="disabled")
    assert (disabled["actor_id"], disabled["detail"], disabled["address"]) == (
        str(bob.id),
        {"reason": "spam"},
        "203.0.113.9",
    )


@pytest.mark.parametrize(
    "asked",
    [
        {"event": "unheard_of"},
        {"event": "\0"},
        {"user_id": "1"},
        {"actor_id": "' OR 1=1"},
        {"since": "yesterday"},
        {"since": "2026-01-01T00:00:00"},
        {"until": "99999-01-01T00:00:00Z"},
        {"limit": "0"},
        {"limit": "101"},
    ],
)
async def test_a_filter_that_means_nothing_is_422(auditor: Person, asked: dict[str, str]) -> None:
    answer = await auditor.client.get("/v1/auth/admin/audit", headers=auditor.auth, params=asked)
    assert answer.status_code == 422


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1e300", "-1", "Infinity"])
async def test_the_ends_of_time_are_no_server_error(auditor: Person, since: str) -> None:
    answer = await auditor.client.get("/v1/auth/admin/audit", headers=auditor.auth, params={"since": since})
    assert answer.status_code in (200, 422)


@pytest.mark.parametrize("cursor", ["x", "W10", "WyIwIl0", "AAAA", "\0"])
async def test_a_cursor_that_we_did_not_give_is_400(auditor: Person, cursor: str) -> None:
    answer = await auditor.client.get("/v1/auth/admin/audit", headers=auditor.auth, params={"cursor": cursor})
    assert answer.status_code == 400


async def test_others_may_not_read_everybody_s(ada: Person, people: People, client: AsyncClient) -> None:
    assert (await ada.get("/v1/auth/admin/audit")).status_code == 403
    assert (await client.get("/v1/auth/admin/audit")).status_code == 401
    roles = ("user", "moderator")
    moderator = await people.person("Moderator", roles=roles, scope=of_roles(roles) | {"audit:read"})
    assert (await moderator.get("/v1/auth/admin/audit")).status_code == 403


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE auth.audit_log SET event = 'nothing'",
        "UPDATE auth.audit_log SET detail = '{}' WHERE false",
        "DELETE FROM auth.audit_log",
        "TRUNCATE auth.audit_log",
        "DROP TABLE auth.audit_log",
        "ALTER TABLE auth.audit_log ADD COLUMN x int",
        "INSERT INTO auth.audit_log (event) VALUES ('x') ON CONFLICT (id) DO UPDATE SET event = 'y'",
    ],
)
async def test_the_service_s_role_can_only_add_to_it(
    ada: Person, owner_connection: psycopg.Connection, statement: str
) -> None:
    await _note("signed_in", ada.id)
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        async with transaction("auth") as session:
            await session.execute(text(statement))
    kept = owner_connection.execute("SELECT event FROM auth.audit_log WHERE user_id = %s", [ada.id]).fetchall()
    assert kept == [("signed_in",)]
