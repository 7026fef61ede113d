"""Whoever knows our address and nothing else can verify our tokens: two libraries that are not ours do."""

import json
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import jwt
import psycopg
import pytest
from httpx import AsyncClient
from joserfc import jwt as jose_jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from auth import key_rotation
from common import tokens
from tests.auth.keys import configured, own_database, pem_signer, someone
from tests.bench.served import served
from tests.conftest import CHECKOUT
from tools import frontend

type Judge = Callable[[list[str]], list[str]]


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


def by_joserfc(issuer: str, audience: str = "artel") -> Judge:
    document = httpx.get(f"{issuer}/.well-known/openid-configuration").raise_for_status().json()
    keys = KeySet.import_key_set(httpx.get(document["jwks_uri"]).raise_for_status().json())
    claims = jose_jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer}, aud={"essential": True, "value": audience}, exp={"essential": True}
    )

    def judge(token: str) -> str:
        try:
            found = jose_jwt.decode(token, keys, algorithms=["RS256"])
            claims.validate(found.claims)
        except JoseError as error:
            return type(error).__name__
        return str(found.claims["sub"])

    return lambda tokens: [judge(token) for token in tokens]


def by_jose(issuer: str, audience: str = "artel") -> Judge:
    """The npm package, in Node."""
    tools = frontend.find_node()
    frontend.install(tools)
    script = CHECKOUT / "tests" / "auth" / "verify_with_jose.mjs"
    command = [str(tools.folder / "node"), str(script), issuer, audience]

    def judge(tokens: list[str]) -> list[str]:
        done = subprocess.run(
            command, cwd=frontend.FRONTEND, input=json.dumps(tokens), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return list(json.loads(done.stdout))

    return judge


def tampered(token: str, **change: Any) -> str:
    """Other claims under the old signature."""
    header, _, signature = token.split(".")
    claims = jwt.decode(token, options={"verify_signature": False}) | change
    return f"{header}.{tokens.json_segment(claims)}.{signature}"


async def resigned(token: str, **change: Any) -> str:
    """Other claims under a good signature."""
    header = token.split(".", maxsplit=1)[0]
    claims = jwt.decode(token, options={"verify_signature": False}) | change
    message = f"{header}.{tokens.json_segment(claims)}"
    return f"{message}.{tokens.segment(await (await pem_signer()).sign(message.encode()))}"


@pytest.mark.parametrize("library", [by_joserfc, by_jose], ids=["joserfc", "jose"])
async def test_a_stranger_verifies_our_tokens_with_nothing_but_the_issuer(
    issuer: str, library: Callable[..., Judge]
) -> None:
    user, token, _ = await someone()
    end = token[-8]
    false = [
        tampered(token, sub="somebody else"),
        f"{token[:-8]}{'A' if end != 'A' else 'B'}{token[-7:]}",
        await resigned(token, iss="https://elsewhere.example"),
        await resigned(token, aud="another service"),
        await resigned(token, exp=int(time.time()) - 120),
    ]
    verdicts = library(issuer)([token, await resigned(token), *false])
    assert verdicts[:2] == [str(user.id)] * 2
    assert all(verdict != str(user.id) and verdict[0].isupper() for verdict in verdicts[2:]), verdicts
    assert library(issuer, "another service")([token])[0] != str(user.id)


async def test_each_refusal_has_its_own_reason(issuer: str) -> None:
    _, token, _ = await someone()
    false = [
        tampered(token, sub="somebody else"),
        await resigned(token, iss="https://elsewhere.example"),
        await resigned(token, aud="another service"),
        await resigned(token, exp=int(time.time()) - 120),
    ]
    signature, claim = "ERR_JWS_SIGNATURE_VERIFICATION_FAILED", "ERR_JWT_CLAIM_VALIDATION_FAILED"
    assert by_jose(issuer)(false) == [signature, claim, claim, "ERR_JWT_EXPIRED"]
    assert by_joserfc(issuer)(false) == ["BadSignatureError", *["InvalidClaimError"] * 2, "ExpiredTokenError"]


@pytest.mark.parametrize("library", [by_joserfc, by_jose], ids=["joserfc", "jose"])
async def test_a_stranger_follows_a_rotation(issuer: str, library: Callable[..., Judge]) -> None:
    user, old, _ = await someone()
    await key_rotation.rotate(timedelta(), timedelta(minutes=10))
    with configured():
        _, new, _ = await someone()
    verdicts = library(issuer)([old, new])
    assert verdicts[0] == str(user.id)
    assert not verdicts[1].startswith("ERR")
    assert jwt.get_unverified_header(old)["kid"] != jwt.get_unverified_header(new)["kid"]


async def test_the_documents_say_no_more_than_they_should(client: AsyncClient) -> None:
    document = await client.get("/v1/auth/.well-known/openid-configuration")
    assert document.json()["issuer"] == "http://localhost:8000/v1/auth"
    keys = await client.get("/v1/auth/.well-known/jwks.json")
    assert keys.headers["cache-control"] == "public, max-age=300"
    for key in keys.json()["keys"]:
        assert key.keys() == {"kty", "use", "alg", "kid", "e", "n"}


async def test_the_issuer_is_the_configured_one_whatever_host_a_caller_names(client: AsyncClient) -> None:
    answer = await client.get("/v1/auth/.well-known/openid-configuration", headers={"Host": "evil.example"})
    assert "evil.example" not in answer.text
