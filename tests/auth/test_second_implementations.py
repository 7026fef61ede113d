"""Others verify our tokens with libraries of their own, given the issuer's address and nothing else.

Over real HTTP: joserfc here, which shares no code with what the groups verify with, and jose from npm in Node.
"""

import base64
import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError, ExpiredTokenError, InvalidClaimError, JoseError
from joserfc.jwk import KeySet

from tests.bench.served import served
from tests.conftest import copy_database
from tools import frontend

AUDIENCE = "artel"
LONG_AFTER = 4_102_444_800
"""2100, in seconds since 1970."""
_ESSENTIAL = ("exp", "iat", "sub", "jti", "client_id", "scope", "auth_time")


@dataclass(frozen=True)
class Issued:
    """A token of somebody who signed in over HTTP at a server that calls itself `issuer`."""

    issuer: str
    token: str

    @property
    def tampered(self) -> str:
        """By a bit in the middle of the signature."""
        head, _, signature = self.token.rpartition(".")
        raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
        raw[100] ^= 1
        return f"{head}.{base64.urlsafe_b64encode(raw).rstrip(b'=').decode()}"

    def promoted(self) -> str:
        """The same, with a claim that nobody signed."""
        header, payload, signature = self.token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "==")) | {"scope": "admin"}
        return f"{header}.{base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b'=').decode()}.{signature}"


@pytest.fixture(scope="module")
def issued(worker_id: str, environment: None) -> Iterator[Issued]:
    with served(DATABASE_URL=copy_database(f"artel_second_{worker_id}")) as server:
        person = {"email": f"ada.{secrets.token_hex(4)}@example.org", "password": secrets.token_hex(12)}
        with httpx.Client(base_url=f"{server.url}/v1/auth", timeout=30) as client:
            assert client.post("/register", json={**person, "display_name": "Ada"}).status_code == 202
            answer = client.post("/login", json={**person, "transport": "body"})
        assert answer.status_code == 200, answer.text
        yield Issued(f"{server.url}/v1/auth", answer.json()["access_token"])


# --- what is published ---------------------------------------------------------------------------------------------------


def _fetched(url: str) -> httpx.Response:
    answer = httpx.get(url, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    return answer


def _discovered(issuer: str) -> dict[str, Any]:
    found: dict[str, Any] = _fetched(f"{issuer}/.well-known/openid-configuration").json()
    return found


def test_the_document_speaks_of_the_issuer_it_was_fetched_from(issued: Issued) -> None:
    document = _discovered(issued.issuer)
    assert document["issuer"] == issued.issuer
    assert document["jwks_uri"].startswith(f"{issued.issuer}/")


def test_the_keys_have_public_halves_only_and_may_be_cached_for_minutes(issued: Issued) -> None:
    answer = _fetched(_discovered(issued.issuer)["jwks_uri"])
    assert answer.headers["cache-control"] == "public, max-age=300"
    (key,) = answer.json()["keys"]
    assert key.keys() == {"kty", "use", "alg", "kid", "n", "e"}
    assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")
    (imported,) = KeySet.import_key_set(answer.json()).keys
    assert imported.thumbprint() == key["kid"]


# --- joserfc -------------------------------------------------------------------------------------------------------------


def _accepted(
    issued: Issued, token: str, audience: str = AUDIENCE, issuer: str | None = None, now: int | None = None
) -> Any:
    document = _discovered(issued.issuer)
    keys = KeySet.import_key_set(_fetched(document["jwks_uri"]).json())
    found = jwt.decode(token, keys, algorithms=document["id_token_signing_alg_values_supported"])
    wanted: dict[str, jwt.ClaimsOption] = {name: {"essential": True} for name in _ESSENTIAL}
    wanted["iss"] = {"essential": True, "value": issuer or document["issuer"]}
    wanted["aud"] = {"essential": True, "value": audience}
    jwt.JWTClaimsRegistry(now, 0, **wanted).validate(found.claims)
    return found


def test_joserfc_accepts_a_token_by_the_discovery_document_alone(issued: Issued) -> None:
    found = _accepted(issued, issued.token)
    assert found.header["typ"] == "at+jwt"
    assert found.claims["exp"] - found.claims["iat"] == 601
    assert all(isinstance(value, str | int) for value in found.claims.values())


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"audience": "other"}, InvalidClaimError),
        ({"issuer": "https://other.example"}, InvalidClaimError),
        ({"now": LONG_AFTER}, ExpiredTokenError),
    ],
    ids=["audience", "issuer", "time"],
)
def test_joserfc_refuses_it_elsewhere_and_later(
    issued: Issued, change: dict[str, Any], refusal: type[JoseError]
) -> None:
    with pytest.raises(refusal):
        _accepted(issued, issued.token, **change)


def test_joserfc_refuses_what_was_tampered_with(issued: Issued) -> None:
    for token in (issued.tampered, issued.promoted()):
        with pytest.raises(BadSignatureError):
            _accepted(issued, token)


# --- jose, in Node -------------------------------------------------------------------------------------------------------


def _told_by_node(issued: Issued, *questions: dict[str, Any]) -> list[dict[str, Any]]:
    """What the package says to each; `make test` has installed it with the page's others."""
    tools = frontend.find_node()
    frontend.install(tools)
    command = [str(tools.folder / "node"), "scripts/verify-tokens.mjs", issued.issuer]
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run(
        command,
        cwd=frontend.FRONTEND,
        input=lines,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_node_accepts_a_token_by_the_discovery_document_alone(issued: Issued) -> None:
    (told,) = _told_by_node(issued, {"token": issued.token, "audience": AUDIENCE})
    assert told["claims"] == _accepted(issued, issued.token).claims


def test_node_refuses_it_elsewhere_later_and_tampered_with(issued: Issued) -> None:
    asked = {"token": issued.token, "audience": AUDIENCE}
    header, payload, _ = issued.token.split(".")
    told = _told_by_node(
        issued,
        asked | {"audience": "other"},
        asked | {"issuer": f"{issued.issuer}/"},
        asked | {"typ": "JWT"},
        asked | {"at": LONG_AFTER},
        asked | {"token": issued.tampered},
        asked | {"token": issued.promoted()},
        asked | {"token": f"{header}.{payload}."},
        asked,
    )
    claim, signature = "ERR_JWT_CLAIM_VALIDATION_FAILED", "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"
    refused = [claim, claim, claim, "ERR_JWT_EXPIRED", signature, signature, signature]
    assert [each.get("refused") for each in told] == [*refused, None]
