"""Keys follow one another, over processes and restarts, and nobody is signed out by it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from httpx import AsyncClient
from sqlalchemy import event

from auth import access_tokens, adoption, key_rotation, sessions, signing_keys
from auth.key_rotation import KEEP, WAIT
from common.db import engine, transaction
from tests.auth.keys import (
    NOW,
    Clock,
    configured,
    forget,
    kid_of,
    me,
    new_pem,
    own_database,
    pem_signer,
    published,
    refresh,
    rows,
    signer,
    someone,
)
from tests.bench.served import served
from tests.people import TESTS, Person


@pytest.fixture
async def owner(worker_id: str, loop_of_the_run: None) -> AsyncIterator[psycopg.Connection]:
    async with own_database(f"artel_keys_{worker_id}") as connection:
        yield connection


@pytest.fixture
def clock(owner: psycopg.Connection) -> Clock:
    return Clock(owner)


# --- the first key -------------------------------------------------------------------------------------------------------


async def test_without_any_configuration_a_key_is_made_once_and_survives_a_restart(owner: psycopg.Connection) -> None:
    first = (await signer()).jwk["kid"]
    forget()
    assert (await signer()).jwk["kid"] == first
    (row,) = rows(owner).values()
    assert (row["source"], row["retires_at"]) == ("sealed", None)


async def test_the_private_key_is_not_readable_in_the_database(owner: psycopg.Connection) -> None:
    from auth.signing import new_private_key

    _, der = new_private_key()
    await signer()
    (row,) = rows(owner).values()
    assert len(row["private_key"]) > len(der) - 50
    assert der[:26] not in bytes(row["private_key"])  # how every RSA key begins


async def test_processes_that_start_at_the_same_time_agree_on_one_key(owner: psycopg.Connection) -> None:
    await asyncio.gather(*(adoption.make_one() for _ in range(2)))
    assert len(rows(owner)) == 1


async def test_a_configured_key_signs(owner: psycopg.Connection, client: AsyncClient) -> None:
    with configured(SIGNING_KEY=new_pem()):
        ours = await pem_signer()
        assert {kid: row["source"] for kid, row in rows(owner).items()} == {ours.jwk["kid"]: "configured"}
        assert rows(owner)[ours.jwk["kid"]]["private_key"] is None
        _, token, _ = await someone()
        assert kid_of(token) == ours.jwk["kid"]
        assert await me(client, token) == 200


async def test_another_configured_key_signs_at_once_and_the_last_one_s_tokens_live_on(
    owner: psycopg.Connection, client: AsyncClient, clock: Clock
) -> None:
    with configured(SIGNING_KEY=new_pem()):
        _, old, _ = await someone()
    with configured(SIGNING_KEY=new_pem()):
        _, new, _ = await someone()
        assert kid_of(new) != kid_of(old)
        assert await me(client, old) == 200
        assert await published(client) == {kid_of(old), kid_of(new)}
        clock.goes_on(KEEP)
        assert await me(client, old) == 401
        assert await me(client, new) == 200
        assert await published(client) == {kid_of(new)}


async def test_a_key_that_has_retired_does_not_come_back_because_the_environment_still_names_it(
    owner: psycopg.Connection, clock: Clock
) -> None:
    with configured(SIGNING_KEY=new_pem()):
        stolen = (await signer()).jwk["kid"]
        rotation = await key_rotation.rotate(NOW, NOW)
        clock.goes_on(timedelta(days=400))
        await key_rotation.advance()
        assert (await signer()).jwk["kid"] != stolen
        assert rotation.kid != stolen
        owner.execute("DELETE FROM auth.signing_keys WHERE kid <> %s", [stolen])
        forget()
        assert (await signer()).jwk["kid"] != stolen


async def test_another_secret_key_makes_a_new_signing_key_and_is_told(
    owner: psycopg.Connection, client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with configured(SECRET_KEY="a" * 32):
        _, old, _ = await someone()
    with configured(SECRET_KEY="b" * 32), caplog.at_level(logging.ERROR, "artel.auth"):
        _, new, _ = await someone()
        assert kid_of(new) != kid_of(old)
        assert await me(client, new) == await me(client, old) == 200
        assert "SECRET_KEY has changed" in caplog.text


# --- rotation ------------------------------------------------------------------------------------------------------------


async def test_nobody_is_signed_out_by_a_rotation(owner: psycopg.Connection, client: AsyncClient, clock: Clock) -> None:
    _, old, token = await someone()
    rotation = await key_rotation.rotate()
    assert await published(client) == {kid_of(old), rotation.kid}
    waiting = (await refresh(client, token)).json()
    assert kid_of(waiting["access_token"]) == kid_of(old)

    clock.goes_on(WAIT + timedelta(seconds=1))
    switched = (await refresh(client, waiting["refresh_token"])).json()
    assert kid_of(switched["access_token"]) == rotation.kid
    for each in (old, waiting["access_token"], switched["access_token"]):
        assert await me(client, each) == 200

    clock.goes_on(KEEP)
    assert await me(client, old) == 401
    assert await me(client, waiting["access_token"]) == 401
    assert await me(client, switched["access_token"]) == 200
    assert await published(client) == {rotation.kid}
    assert (await refresh(client, switched["refresh_token"])).status_code == 200


async def test_a_token_is_taken_until_its_key_retires_and_not_a_minute_longer(
    owner: psycopg.Connection, client: AsyncClient
) -> None:
    """Though processes remember keys for a minute."""
    _, old, _ = await someone()
    await key_rotation.rotate(NOW, timedelta(seconds=1.5))
    assert await me(client, old) == 200
    await asyncio.sleep(2)
    assert await me(client, old) == 401


async def test_in_an_emergency_the_next_key_signs_at_once(owner: psycopg.Connection, client: AsyncClient) -> None:
    _, old, token = await someone()
    rotation = await key_rotation.rotate(NOW, NOW)
    forget()
    assert await me(client, old) == 401
    assert kid_of((await refresh(client, token)).json()["access_token"]) == rotation.kid


async def test_a_key_that_waits_is_brought_forward_and_not_doubled(owner: psycopg.Connection) -> None:
    await signer()
    first = await key_rotation.rotate()
    again = await key_rotation.rotate()
    assert again == first
    sooner = await key_rotation.rotate(NOW, timedelta(minutes=10))
    assert sooner.kid == first.kid
    assert sooner.signs_from < first.signs_from
    assert len(rows(owner)) == 2
    old = next(row for kid, row in rows(owner).items() if kid != first.kid)
    assert old["retires_at"] == sooner.others_until


async def test_two_that_rotate_at_once_make_one_key(owner: psycopg.Connection) -> None:
    await signer()
    one, other = await asyncio.gather(*(key_rotation.rotate() for _ in range(2)))
    assert one.kid == other.kid
    assert len(rows(owner)) == 2


async def test_the_first_rotation_of_all_leaves_nobody_without_a_key(owner: psycopg.Connection) -> None:
    rotation = await key_rotation.rotate()
    assert (await signer()).jwk["kid"] == rotation.kid


async def test_a_rotation_is_in_the_audit_log(owner: psycopg.Connection) -> None:
    await signer()
    await key_rotation.rotate()
    logged = owner.execute("SELECT user_id, detail FROM auth.audit_log WHERE event = 'key_rotated' ORDER BY id")
    assert logged.fetchall() == [(None, {"source": "sealed"})] * 2


# --- by itself -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "after", "keys"), [("90", 89, 1), ("90", 91, 2), ("0", 1000, 1), ("7", 8, 2)])
async def test_the_next_key_comes_when_the_last_has_signed_long_enough(
    owner: psycopg.Connection, clock: Clock, days: str, after: int, keys: int
) -> None:
    with configured(KEY_ROTATION_DAYS=days):
        await signer()
        clock.goes_on(timedelta(days=after))
        for _ in range(3):
            await key_rotation.advance()
        assert len(rows(owner)) == keys


async def test_of_many_processes_that_find_it_due_one_makes_the_key(owner: psycopg.Connection, clock: Clock) -> None:
    await signer()
    clock.goes_on(timedelta(days=91))
    await asyncio.gather(*(key_rotation.advance() for _ in range(4)))
    assert len(rows(owner)) == 2


async def test_a_retired_private_key_is_destroyed_and_its_row_later_too(
    owner: psycopg.Connection, clock: Clock
) -> None:
    old = (await signer()).jwk["kid"]
    await key_rotation.rotate()
    clock.goes_on(WAIT + KEEP + timedelta(seconds=1))
    await key_rotation.advance()
    assert rows(owner)[old]["private_key"] is None
    clock.goes_on(timedelta(days=31))
    await key_rotation.advance()
    assert old not in rows(owner)
    assert len(rows(owner)) == 1


async def test_where_nobody_has_signed_in_yet_nothing_is_rotated(owner: psycopg.Connection) -> None:
    await key_rotation.advance()
    assert rows(owner) == {}


async def test_minting_does_not_ask_for_the_keys_each_time(owner: psycopg.Connection) -> None:
    await someone()
    asked: list[str] = []

    def watch(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    pool = engine("auth").sync_engine
    event.listen(pool, "before_cursor_execute", watch)
    try:
        async with transaction("auth") as session:
            signed_in = await sessions.start(session, (await someone())[0].id, "profile", "pwd", TESTS)
            for _ in range(20):
                await access_tokens.mint(session, signed_in)
    finally:
        event.remove(pool, "before_cursor_execute", watch)
    assert len([statement for statement in asked if "signing_keys" in statement]) <= 1


# --- over processes ------------------------------------------------------------------------------------------------------


async def test_two_servers_follow_a_rotation_that_a_third_process_began(owner: psycopg.Connection) -> None:
    with served() as one, served() as other:
        async with AsyncClient(base_url=one.url) as first, AsyncClient(base_url=other.url) as second:
            issuer = {"JWT_ISSUER": f"{one.url}/v1/auth"}
            with configured(**issuer):
                _, old, token = await someone()
            with configured(JWT_ISSUER=f"{other.url}/v1/auth"):
                _, elsewhere, other_token = await someone()
            assert await me(first, old) == await me(second, elsewhere) == 200
            rotation = await key_rotation.rotate(timedelta(seconds=1), timedelta(minutes=30))
            for client, known, refresh_token in ((first, old, token), (second, elsewhere, other_token)):
                assert await _switched(client, known, refresh_token) == rotation.kid
                assert await me(client, known) == 200
                assert await published(client) == {kid_of(old), rotation.kid}


async def _switched(client: AsyncClient, known: str, refresh_token: str) -> str:
    """Refresh until a token of another key comes; every token works all the while."""
    for _ in range(100):
        answer = await refresh(client, refresh_token)
        assert answer.status_code == 200, answer.text
        refresh_token, access = answer.json()["refresh_token"], answer.json()["access_token"]
        assert await me(client, access) == await me(client, known) == 200
        if kid_of(access) != kid_of(known):
            return kid_of(access)
        await asyncio.sleep(0.1)
    raise AssertionError("the server signs with the old key for ever")


async def test_a_person_of_another_process_is_known_here(owner: psycopg.Connection, ada: Person) -> None:
    """The key that a token was signed with is found by its id, not by who signs now."""
    await key_rotation.rotate(NOW, timedelta(minutes=10))
    signing_keys._known.clear()
    assert (await ada.get("/v1/auth/me")).status_code == 200
