"""What whoever knows our address learns from us; that libraries which are not ours verify by it stands in
test_second_implementations."""

import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import httpx
import jwt
import psycopg
import pytest
from httpx import AsyncClient
from joserfc import jwt as jose_jwt
from joserfc.jwk import KeySet

from auth import key_rotation
from tests.auth.keys import configured, own_database, someone
from tests.bench.served import served
from tests.conftest import CHECKOUT
from tools import frontend


@pytest.fixture
async def owner(worker_id: str, loop_of_the_run: None) -> AsyncIterator[psycopg.Connection]:
    async with own_database(f"artel_discovery_{worker_id}") as connection:
        yield connection


@pytest.fixture
def issuer(owner: psycopg.Connection) -> Iterator[str]:
    """Of a server in a process of its own; this process makes tokens for it."""
    with served() as server:
        url = f"{server.url}/v1/auth"
        with configured(JWT_ISSUER=url):
            yield url


@pytest.fixture
async def before_and_after(issuer: str) -> list[str]:
    """Tokens of the old key and of the new one, while both are good."""
    _, old, _ = await someone()
    await key_rotation.rotate(timedelta(), timedelta(minutes=10))
    with configured():
        _, new, _ = await someone()
    assert len({jwt.get_unverified_header(token)["kid"] for token in (old, new)}) == 2
    return [old, new]


async def test_joserfc_takes_tokens_of_both_keys_during_a_rotation(issuer: str, before_and_after: list[str]) -> None:
    document = httpx.get(f"{issuer}/.well-known/openid-configuration").raise_for_status().json()
    keys = KeySet.import_key_set(httpx.get(document["jwks_uri"]).raise_for_status().json())
    for token in before_and_after:
        assert jose_jwt.decode(token, keys, algorithms=["RS256"]).claims["iss"] == issuer


async def test_node_takes_tokens_of_both_keys_during_a_rotation(issuer: str, before_and_after: list[str]) -> None:
    tools = frontend.find_node()
    frontend.install(tools)
    command = [str(tools.folder / "node"), str(CHECKOUT / "frontend" / "scripts" / "verify-tokens.mjs"), issuer]
    asked = "".join(json.dumps({"token": token, "audience": "artel"}) + "\n" for token in before_and_after)
    told = subprocess.run(
        command, cwd=frontend.FRONTEND, input=asked, capture_output=True, text=True, timeout=60, check=True
    ).stdout
    assert [json.loads(line)["claims"]["iss"] for line in told.splitlines()] == [issuer] * 2


async def test_the_issuer_is_the_configured_one_whatever_host_a_caller_names(client: AsyncClient) -> None:
    for path in ("openid-configuration", "jwks.json"):
        answer = await client.get(f"/v1/auth/.well-known/{path}", headers={"Host": "evil.example"})
        assert answer.status_code == 200
        assert "evil.example" not in answer.text
