"""Passwords: what they may be, how they are kept, changed, and set anew."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from httpx import AsyncClient, Response

from auth import passwords
from common.db import transaction
from common.models.auth import PersonalToken, User
from common.settings import settings
from tests.auth.postbox import Postbox, new_address
from tests.people import People, Person

OLD, NEW = "correct horse battery", "another horse, another battery"


@pytest.fixture
def sql(owner_connection: psycopg.Connection) -> Callable[..., Any]:
    def run(statement: str, *values: Any) -> Any:
        ran = owner_connection.execute(statement, values)
        return ran.fetchall() if ran.description else ran.rowcount

    return run


@pytest.fixture
async def carol(people: People) -> Person:
    """Has a password."""
    person = await people.person("Carol")
    async with transaction("auth") as session:
        user = await session.get_one(User, person.id)
        user.password_hash = await passwords.hash_password(OLD)
    return person


async def _login(client: AsyncClient, email: str, password: str) -> Response:
    return await client.post("/v1/auth/login", json={"email": email, "password": password, "transport": "body"})


async def _register(client: AsyncClient, password: str, **other: Any) -> Response:
    body = {"email": new_address(), "password": password, "display_name": "Grace Hopper", **other}
    return await client.post("/v1/auth/register", json=body)


async def _change(person: Person, new: str = NEW, **other: Any) -> Response:
    return await person.post("/v1/auth/me/password", {"new_password": new, "transport": "body", **other})


async def _forgot(client: AsyncClient, email: str) -> Response:
    return await client.post("/v1/auth/password/forgot", json={"email": email})


async def _reset(client: AsyncClient, token: str, password: str = NEW) -> Response:
    return await client.post("/v1/auth/password/reset", json={"token": token, "password": password})


# What a password may be


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("password1", "most common"),
        ("PassWord1", "most common"),
        ("grace.hopper@example.org", "e-mail address or the name"),
        ("GRACE.HOPPER", "e-mail address or the name"),
        ("grace hopper", "e-mail address or the name"),
    ],
)
async def test_a_password_that_is_easy_to_guess_is_refused_with_the_reason(
    client: AsyncClient, password: str, reason: str
) -> None:
    refused = await _register(client, password, email="grace.hopper@example.org")
    assert (refused.status_code, refused.json()["code"]) == (422, "WeakPassword")
    assert reason in refused.json()["detail"]


@pytest.mark.parametrize("length", [7, 257, 100_000])
async def test_a_password_out_of_bounds_is_refused_and_never_hashed(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    hashed: list[str] = []

    def spy(password: str, *_: Any) -> Any:
        hashed.append(password)

    monkeypatch.setattr(passwords._context(), "hash", spy)
    monkeypatch.setattr(passwords, "_check", spy)
    assert (await _register(client, "x" * length)).status_code == 422
    if length > 256:
        assert (await _login(client, new_address(), "x" * length)).status_code == 422
    assert hashed == []


@pytest.mark.parametrize(
    "password",
    [
        "  spaces before and after  ",
        "пароль с буквами",
        "\U0001f40e\U0001f50b staple",
        "nul\0 is a character too",
        "x" * 255 + "y",
    ],
    ids=["spaces", "cyrillic", "emoji", "nul", "longest"],
)
async def test_every_character_of_a_password_counts(client: AsyncClient, password: str) -> None:
    email = new_address()
    assert (await _register(client, password, email=email)).status_code == 202
    assert (await _login(client, email, password)).status_code == 200
    others = {password.strip(), password[:-1], password.replace("\0", ""), password.upper()} - {password}
    assert {(await _login(client, email, other)).status_code for other in others} == {401}


# Known from breaches


def _suffix(password: str) -> str:
    """What the range look-up tells of a hash: all but the first five digits."""
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()[5:]


class Pwned:
    """Knows one password, pads its answer with others, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = b"200 OK"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        known, padding = _suffix("breached horse battery"), _suffix("padded horse battery")
        body = f"{'0' * 35}:3\r\n{known}:42\r\n{padding}:0".encode()
        writer.write(
            b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (self.status, len(body)) + body
        )
        writer.close()


@pytest.fixture
async def pwned(client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pwned]:
    made = Pwned()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PASSWORD_BREACH_CHECK", "true")
    monkeypatch.setenv("BREACH_CHECK_URL", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    settings.cache_clear()
    async with server:
        yield made
    monkeypatch.undo()
    settings.cache_clear()


async def test_a_password_known_from_a_breach_is_refused_and_never_told(client: AsyncClient, pwned: Pwned) -> None:
    refused = await _register(client, "breached horse battery")
    assert (refused.status_code, refused.json()["code"]) == (422, "WeakPassword")
    assert "breach" in refused.json()["detail"]
    (asked,) = pwned.asked
    path = asked.split()[1]
    assert path.startswith("/range/")
    assert len(path) == len("/range/") + 5
    assert "add-padding: true" in asked.lower()


async def test_lines_that_only_pad_the_answer_count_for_nothing(client: AsyncClient, pwned: Pwned) -> None:
    assert (await _register(client, "padded horse battery")).status_code == 202
    assert len(pwned.asked) == 1


async def test_nobody_is_kept_out_because_the_list_of_breaches_is_away(
    client: AsyncClient, pwned: Pwned, caplog: pytest.LogCaptureFixture
) -> None:
    pwned.status = b"503 Service Unavailable"
    assert (await _register(client, "breached horse battery")).status_code == 202
    assert len(pwned.asked) == 1
    assert "breached passwords could not be asked for" in caplog.text


# How they are kept


def test_the_hash_of_nobody_costs_what_a_real_one_costs() -> None:
    assert passwords._context().needs_update(passwords.NOBODY) is False


async def test_nobodys_hash_is_no_way_in() -> None:
    assert await passwords.check_password("", None) == (False, None)


async def test_signing_in_hashes_anew_when_the_parameters_have_risen(carol: Person, sql: Callable[..., Any]) -> None:
    context = passwords._context().copy(argon2__memory_cost=8192)
    sql("UPDATE auth.users SET password_hash = %s WHERE id = %s", context.hash(OLD), carol.id)
    assert (await _login(carol.client, carol.email, "not the password")).status_code == 401
    query = "SELECT password_hash FROM auth.users WHERE id = %s"
    assert "m=8192," in sql(query, carol.id)[0][0]
    assert (await _login(carol.client, carol.email, OLD)).status_code == 200
    renewed = sql(query, carol.id)[0][0]
    assert passwords._context().needs_update(renewed) is False
    assert (await _login(carol.client, carol.email, OLD)).status_code == 200


async def test_so_many_are_hashed_at_once_and_no_more(monkeypatch: pytest.MonkeyPatch, client: AsyncClient) -> None:
    at_once, most = 0, 0

    async def slow(*_: Any) -> str:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        at_once -= 1
        return "hash"

    monkeypatch.setattr("auth.passwords.asyncio.to_thread", slow)
    await asyncio.gather(*(passwords.hash_password("x") for _ in range(20)))
    assert most == passwords._SIMULTANEOUS


# Changing


async def test_a_changed_password_ends_every_session_but_the_new_one(carol: Person, postbox: Postbox) -> None:
    other = (await _login(carol.client, carol.email, OLD)).json()
    changed = await _change(carol, current_password=OLD)
    assert changed.status_code == 200
    assert changed.headers["cache-control"] == "no-store"
    fresh = {"Authorization": f"Bearer {changed.json()['access_token']}"}
    assert (await carol.client.get("/v1/auth/me", headers=fresh)).status_code == 200
    old = {"Authorization": f"Bearer {other['access_token']}"}
    assert (await carol.get("/v1/auth/me")).status_code == 401
    assert (await carol.client.get("/v1/money/accounts", headers=old)).status_code == 401
    refreshed = await carol.client.post("/v1/auth/refresh", json={"refresh_token": other["refresh_token"]})
    assert refreshed.status_code == 401
    assert (await _login(carol.client, carol.email, OLD)).status_code == 401
    assert (await _login(carol.client, carol.email, NEW)).status_code == 200
    assert postbox.subjects(carol.email) == ["Your Artel password was changed"]


@pytest.mark.parametrize("given", [{"current_password": "not the password"}, {}])
async def test_without_the_current_password_nothing_changes(
    carol: Person, postbox: Postbox, given: dict[str, str]
) -> None:
    refused = await _change(carol, **given)
    assert (refused.status_code, refused.json()["code"]) == (403, "WrongPassword")
    assert (await carol.get("/v1/auth/me")).status_code == 200
    assert postbox.to(carol.email) == []


async def test_the_current_password_cannot_be_guessed_by_whoever_found_a_session(carol: Person) -> None:
    answers = [await _change(carol, current_password=f"guess number {n}") for n in range(10)]
    assert {answer.status_code for answer in answers} == {403}
    assert (await _change(carol, current_password=OLD)).status_code == 429


async def test_a_weak_new_password_changes_nothing(carol: Person) -> None:
    refused = await _change(carol, "password1", current_password=OLD)
    assert (refused.status_code, refused.json()["code"]) == (422, "WeakPassword")
    assert (await carol.get("/v1/auth/me")).status_code == 200


async def test_who_has_no_password_sets_one_after_a_recent_sign_in(ada: Person, sql: Callable[..., Any]) -> None:
    aged = "UPDATE auth.sessions SET created_at = now() - %s::interval WHERE user_id = %s"
    sql(aged, "16 minutes", ada.id)
    assert (await _change(ada)).json()["code"] == "ReauthenticationRequired"
    sql(aged, "1 minute", ada.id)
    assert (await _change(ada)).status_code == 200
    assert (await _login(ada.client, ada.email, NEW)).status_code == 200


async def test_a_personal_token_changes_no_password(carol: Person, sql: Callable[..., Any]) -> None:
    """What it would get is a sign-in that outlives it."""
    await _personal_token(carol)
    sql(
        "UPDATE auth.sessions SET personal_token_id = (SELECT id FROM auth.personal_tokens WHERE user_id = %s) WHERE user_id = %s",
        carol.id,
        carol.id,
    )
    refused = await _change(carol, current_password=OLD)
    assert (refused.status_code, refused.json()["code"]) == (403, "ReauthenticationRequired")


# Forgotten


async def _personal_token(person: Person) -> None:
    async with transaction("auth") as session:
        later = datetime.now(UTC) + timedelta(days=1)
        session.add(PersonalToken(user_id=person.id, name="t", scope="profile", secret_hash=b"", expires_at=later))


async def test_a_forgotten_password_is_set_anew_with_the_link_of_the_letter(
    carol: Person, postbox: Postbox, sql: Callable[..., Any]
) -> None:
    await _personal_token(carol)
    sql("UPDATE auth.users SET email_verified_at = NULL WHERE id = %s", carol.id)
    assert (await _forgot(carol.client, carol.email.upper())).status_code == 202
    assert "http://localhost:8000/reset-password#token=" in postbox.to(carol.email)[0].text
    assert (await _reset(carol.client, postbox.token(carol.email))).status_code == 204
    assert (await carol.get("/v1/auth/me")).status_code == 401
    assert sql("SELECT 1 FROM auth.personal_tokens WHERE user_id = %s AND revoked_at IS NULL", carol.id) == []
    assert (await _login(carol.client, carol.email, OLD)).status_code == 401
    assert (await _login(carol.client, carol.email, NEW)).status_code == 200
    assert sql("SELECT 1 FROM auth.users WHERE id = %s AND email_verified_at IS NOT NULL", carol.id) == [(1,)]
    assert postbox.subjects(carol.email)[1:] == ["Your Artel password was changed"]


async def test_a_link_is_spent_by_a_good_password_only_and_once(carol: Person, postbox: Postbox) -> None:
    await _forgot(carol.client, carol.email)
    token = postbox.token(carol.email)
    assert (await _reset(carol.client, token, "password1")).json()["code"] == "WeakPassword"
    answers = await asyncio.gather(*(_reset(carol.client, token) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [204, 401, 401, 401]


async def test_an_older_link_is_worth_nothing(carol: Person, postbox: Postbox, sql: Callable[..., Any]) -> None:
    await _forgot(carol.client, carol.email)
    first = postbox.token(carol.email)
    await _forgot(carol.client, carol.email)
    assert (await _reset(carol.client, first)).status_code == 401
    sql("UPDATE auth.mail_tokens SET expires_at = now() WHERE user_id = %s", carol.id)
    assert (await _reset(carol.client, postbox.token(carol.email))).status_code == 401


async def test_a_wrong_token_costs_no_hash(client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_: str) -> str:
        raise AssertionError

    monkeypatch.setattr("auth.service.password.hash_password", never)
    for token in ("", "A" * 64, "\0", "é"):
        answer = await _reset(client, token)
        assert (answer.status_code, answer.json()["code"]) == (401, "InvalidMailToken")


async def test_a_new_password_calls_off_a_change_of_address(carol: Person, postbox: Postbox) -> None:
    """Somebody who had got in may have asked for it, and the letter says that this helps."""
    await carol.post("/v1/auth/me/email", {"email": (theirs := new_address("thief"))})
    await _forgot(carol.client, carol.email)
    await _reset(carol.client, postbox.token(carol.email))
    late = await carol.client.post("/v1/auth/confirm-email", json={"token": postbox.token(theirs)})
    assert late.status_code == 401


@pytest.mark.parametrize("state", ["disabled_at", "deleted_at"])
async def test_a_closed_account_sets_no_password(
    carol: Person, postbox: Postbox, sql: Callable[..., Any], state: str
) -> None:
    await _forgot(carol.client, carol.email)
    sql(f"UPDATE auth.users SET {state} = now() WHERE id = %s", carol.id)
    assert (await _reset(carol.client, postbox.token(carol.email))).status_code == 401
    await _forgot(carol.client, carol.email)
    assert len(postbox.to(carol.email)) == 1
