"""Several processes on one database, as Lambdas are and as servers behind a balancer: what is decided once is decided once."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import pytest
from httpx import AsyncClient, Response

from tests.auth.factors import PASSWORD, give_password
from tests.auth.postbox import new_address
from tests.people import People, Person
from tests.servers import PROCESSES, clients_of, servers_of, statuses

pytestmark = pytest.mark.xdist_group("concurrency")


@pytest.fixture(scope="module")
def urls(environment: None) -> Iterator[list[str]]:
    # All come from this machine.
    with servers_of("auth", RATE_LIMITS="login-address=100000/900") as found:
        yield found


@pytest.fixture
async def servers(urls: list[str]) -> AsyncIterator[list[AsyncClient]]:
    async with clients_of(urls) as made:
        yield made


async def _everywhere(servers: list[AsyncClient], path: str, order: dict[str, Any], times: int) -> list[Response]:
    """The same request so many times at once, in turn to each server."""
    return await asyncio.gather(*(servers[n % len(servers)].post(path, json=order) for n in range(times)))


async def _signed_in(server: AsyncClient, email: str) -> dict[str, Any]:
    order = {"email": email, "password": PASSWORD, "transport": "body"}
    answer = await server.post("/v1/auth/login", json=order)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture
async def ada(people: People) -> Person:
    """With a password."""
    made = await people.person("Ada")
    await give_password(made)
    return made


async def test_fifty_refreshes_of_one_token_have_one_child(
    servers: list[AsyncClient], ada: Person, owner_connection: psycopg.Connection
) -> None:
    for _ in range(3):
        first = (await _signed_in(servers[0], ada.email))["refresh_token"]
        answers = await _everywhere(servers, "/v1/auth/refresh", {"refresh_token": first}, 50)
        assert statuses(answers) == {200: 50}
        children = {answer.json()["refresh_token"] for answer in answers}
        assert len(children) == 1
        counters = (
            "SELECT refresh_counter FROM auth.sessions WHERE user_id = %s AND revoked_at IS NULL ORDER BY id DESC"
        )
        assert owner_connection.execute(counters, [ada.id]).fetchone() == (1,)
        (child,) = children
        grandchild = await servers[1].post("/v1/auth/refresh", json={"refresh_token": child})
        assert grandchild.status_code == 200
        # The first is older than a lost answer could be, so it was stolen: and with it the line ends everywhere.
        for server, token in zip(servers, (first, child, grandchild.json()["refresh_token"], first), strict=True):
            refused = await server.post("/v1/auth/refresh", json={"refresh_token": token})
            assert refused.status_code == 401
        bearer = {"Authorization": f"Bearer {grandchild.json()['access_token']}"}
        assert {(await server.get("/v1/auth/me", headers=bearer)).status_code for server in servers} == {401}


async def test_of_a_thief_and_an_owner_who_refresh_at_once_neither_stays(
    servers: list[AsyncClient], ada: Person, owner_connection: psycopg.Connection
) -> None:
    """The token before last, many times and everywhere: one revocation, one line in the log, one letter."""
    first = (await _signed_in(servers[0], ada.email))["refresh_token"]
    child = (await servers[1].post("/v1/auth/refresh", json={"refresh_token": first})).json()["refresh_token"]
    assert (await servers[2].post("/v1/auth/refresh", json={"refresh_token": child})).status_code == 200
    answers = await _everywhere(servers, "/v1/auth/refresh", {"refresh_token": first}, 40)
    assert statuses(answers) == {401: 40}
    noted = "SELECT count(*) FROM auth.audit_log WHERE user_id = %s AND event = 'refresh_token_replayed'"
    assert owner_connection.execute(noted, [ada.id]).fetchone() == (1,)


@pytest.mark.parametrize("known", [True, False])
async def test_five_of_a_hundred_wrong_passwords_are_looked_at(
    servers: list[AsyncClient], ada: Person, known: bool
) -> None:
    email = ada.email if known else new_address()
    device = (await _signed_in(servers[0], ada.email))["device_token"]
    wrong = {"email": email, "password": "not the one", "transport": "body"}
    answers = await _everywhere(servers, "/v1/auth/login", wrong, 100)
    assert statuses(answers) == {401: 5, 429: 95}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers if answer.status_code == 429)
    right = {"email": ada.email, "password": PASSWORD, "transport": "body"}
    if known:
        # From a stranger's device not even the right one is, or a sixth guess would be.
        assert statuses([await server.post("/v1/auth/login", json=right) for server in servers]) == {429: PROCESSES}
    for server in servers:
        assert (await server.post("/v1/auth/login", json={**right, "device_token": device})).status_code == 200


async def test_a_link_to_reset_is_followed_once(
    servers: list[AsyncClient], ada: Person, owner_connection: psycopg.Connection
) -> None:
    from auth import opaque_tokens

    secret, secret_hash = opaque_tokens.new_secret()
    row = owner_connection.execute(
        "INSERT INTO auth.mail_tokens (purpose, user_id, email, secret_hash, expires_at)"
        " VALUES ('reset', %s, %s, %s, now() + interval '1 hour') RETURNING id",
        [ada.id, ada.email, secret_hash],
    ).fetchone()
    assert row is not None
    token = opaque_tokens.write(row[0], secret)
    passwords = [f"a samovar {secrets.token_hex(6)}" for _ in range(2 * PROCESSES)]
    answers = await asyncio.gather(
        *(
            servers[n % PROCESSES].post("/v1/auth/password/reset", json={"token": token, "password": password})
            for n, password in enumerate(passwords)
        )
    )
    assert statuses(answers) == {204: 1, 401: len(passwords) - 1}
    (winner,) = (password for password, answer in zip(passwords, answers, strict=True) if answer.status_code == 204)
    order = {"email": ada.email, "password": winner, "transport": "body"}
    assert (await servers[0].post("/v1/auth/login", json=order)).status_code == 200


async def test_who_signs_out_in_one_process_is_out_in_all(servers: list[AsyncClient], ada: Person) -> None:
    tokens = await _signed_in(servers[0], ada.email)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert {(await server.get("/v1/auth/me", headers=bearer)).status_code for server in servers} == {200}
    left = await servers[1].post("/v1/auth/logout", json={"refresh_token": tokens["refresh_token"]})
    assert left.status_code == 204
    assert {(await server.get("/v1/auth/me", headers=bearer)).status_code for server in servers} == {401}
