"""Tokens that were forged with more care than noise."""

import base64
import json
import time
import uuid
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from httpx import AsyncClient

from auth.signing import PemSigner, signer
from tests.people import Person


def _private_pem() -> bytes:
    ours = signer()
    assert isinstance(ours, PemSigner)
    return ours._key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _claims(ada: Person, **change: Any) -> dict[str, Any]:
    claims = jwt.decode(ada.token, options={"verify_signature": False}) | change
    return {name: value for name, value in claims.items() if value is not ...}


def _token(claims: dict[str, Any], key: bytes | None = None, algorithm: str = "RS256", **header: Any) -> str:
    headers = {"typ": "at+jwt", "kid": signer().jwk["kid"], **header}
    return jwt.encode(claims, key or _private_pem(), algorithm, {k: v for k, v in headers.items() if v is not ...})


async def _status(ada: Person, token: str) -> int:
    return (await ada.client.get("/v1/money/accounts", headers={"Authorization": f"Bearer {token}"})).status_code


async def test_the_forger_would_succeed_with_everything_right(ada: Person) -> None:
    assert await _status(ada, _token(_claims(ada))) == 200


@pytest.mark.parametrize(
    "change",
    [
        {"exp": int(time.time()) - 1},
        {"exp": ...},
        {"exp": "soon"},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"iss": "http://localhost:8000/v1/auth/"},
        {"iss": ...},
        {"aud": "other"},
        {"aud": ["artel", "other"]},
        {"aud": ...},
        {"sub": str(uuid.uuid4())},
        {"sub": "' OR 1=1"},
        {"sid": str(uuid.uuid4())},
        {"sid": ...},
        {"sid": 7},
        {"jti": ...},
        {"iat": int(time.time()) + 3600},
        {"nbf": int(time.time()) + 3600},
    ],
)
async def test_a_wrong_claim_under_the_right_key_is_401(ada: Person, change: dict[str, Any]) -> None:
    assert await _status(ada, _token(_claims(ada, **change))) == 401


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": ...},
        {"kid": ...},
        {"kid": "../../etc/passwd"},
        {"kid": "' OR 1=1 --"},
        {"kid": "k" * 3000},
        {"jku": "https://evil.example/jwks.json"},
        {"x5u": "https://evil.example/cert"},
        {"jwk": {"kty": "oct", "k": "AA"}},
        {"crit": ["exp"]},
    ],
)
async def test_a_wrong_header_under_the_right_key_is_401(ada: Person, header: dict[str, Any]) -> None:
    assert await _status(ada, _token(_claims(ada), **header)) == 401


async def test_another_key_or_algorithm_is_401(ada: Person) -> None:
    other = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert await _status(ada, _token(_claims(ada), key=other)) == 401
    for algorithm in ("RS512", "PS256"):
        assert await _status(ada, _token(_claims(ada), algorithm=algorithm)) == 401
    assert await _status(ada, _token(_claims(ada), key=b"x" * 64, algorithm="HS256")) == 401


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", ["RS256"], None, 7])
@pytest.mark.parametrize("kid", [None, 7, ["a"]])
async def test_a_hand_made_header_is_401(ada: Person, algorithm: object, kid: object) -> None:
    header = json.dumps({"alg": algorithm, "typ": "at+jwt", "kid": kid}).encode()
    parts = ada.token.split(".")
    parts[0] = base64.urlsafe_b64encode(header).rstrip(b"=").decode()
    assert await _status(ada, ".".join(parts)) == 401


async def test_a_retired_key_is_refused(ada: Person, client: AsyncClient, owner_connection: Any) -> None:
    from common import identity

    kid = signer().jwk["kid"]
    owner_connection.execute("SET ROLE artel_owner")
    owner_connection.execute("UPDATE auth.signing_keys SET retires_at = now() WHERE kid = %s", [kid])
    identity._keys.clear()
    try:
        assert (await ada.get("/v1/auth/me")).status_code == 401
        published = (await client.get("/v1/auth/.well-known/jwks.json")).json()["keys"]
        assert kid not in {key["kid"] for key in published}
    finally:
        owner_connection.execute("UPDATE auth.signing_keys SET retires_at = NULL WHERE kid = %s", [kid])
