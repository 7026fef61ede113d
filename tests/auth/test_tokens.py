"""Tokens that were forged with more care than noise."""

import base64
import hmac
import json
import time
import uuid
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from httpx import AsyncClient

from auth.signing import PemSigner
from common import tokens
from tests.auth.keys import pem_signer
from tests.people import Person


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


class Forger:
    """Holds our own private key, which nobody else does: what it cannot get past, nobody can."""

    def __init__(self, signer: PemSigner, ada: Person) -> None:
        self._key: rsa.RSAPrivateKey = signer._key
        self.kid = signer.jwk["kid"]
        self.public = signer.jwk
        self._ada = ada

    def header(self, **change: Any) -> dict[str, Any]:
        return _changed({"alg": "RS256", "typ": "at+jwt", "kid": self.kid}, change)

    def claims(self, **change: Any) -> dict[str, Any]:
        return _changed(jwt.decode(self._ada.token, options={"verify_signature": False}), change)

    def sign(self, header: bytes, claims: bytes, key: rsa.RSAPrivateKey | None = None) -> str:
        return self.sign_text(f"{_encoded(header)}.{_encoded(claims)}", key)

    def sign_text(self, message: str, key: rsa.RSAPrivateKey | None = None) -> str:
        signature = (key or self._key).sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{message}.{_encoded(signature)}"

    def pem(self) -> bytes:
        """The public key, which anybody has."""
        public = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._key.public_key().public_bytes(serialization.Encoding.PEM, public)

    async def status(self, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return (await self._ada.client.get("/v1/money/accounts", headers=headers)).status_code


def _changed(given: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (given | change).items() if value is not ...}


@pytest.fixture
async def forger(ada: Person) -> Forger:
    return Forger(await pem_signer(), ada)


async def test_the_forger_would_succeed_with_everything_right(forger: Forger) -> None:
    assert await forger.status(forger.sign(_json(forger.header()), _json(forger.claims()))) == 200


async def test_what_is_minted_is_what_is_verified(forger: Forger, ada: Person) -> None:
    assert ada.token.split(".")[0] == tokens.header_segment(forger.kid)
    assert len(ada.token) < tokens.MAX_BYTES / 2


@pytest.mark.parametrize(
    "change",
    [
        {"exp": 1_000_000_000},
        {"exp": ...},
        {"exp": None},
        {"exp": "soon"},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": 10**400},
        {"exp": [4102444800]},
        {"exp": {"at": 4102444800}},
        {"exp": True},
        {"iss": "http://localhost:8000/v1/auth/"},
        {"iss": "http://LOCALHOST:8000/v1/auth"},
        {"iss": ["http://localhost:8000/v1/auth"]},
        {"iss": ...},
        {"aud": "other"},
        {"aud": "artel "},
        {"aud": ["artel"]},
        {"aud": ["artel", "other"]},
        {"aud": ...},
        {"sub": "00000000-0000-4000-8000-000000000000"},
        {"sub": "' OR 1=1"},
        {"sub": "\0"},
        {"sub": ["00000000-0000-4000-8000-000000000000"]},
        {"sub": ...},
        {"sid": "00000000-0000-4000-8000-000000000000"},
        {"sid": ...},
        {"sid": 7},
        {"sid": {"a": 1}},
        {"jti": ...},
        {"iat": ...},
        {"iat": 4102444800},
        {"iat": "now"},
        {"nbf": 4102444800},
        {"nbf": "later"},
    ],
)
async def test_a_wrong_claim_under_the_right_key_is_401(forger: Forger, change: dict[str, Any]) -> None:
    assert await forger.status(forger.sign(_json(forger.header()), _json(forger.claims(**change)))) == 401


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "at+JWT"},
        {"typ": ["at+jwt"]},
        {"typ": ...},
        {"alg": "none"},
        {"alg": "RS512"},
        {"alg": ["RS256"]},
        {"alg": None},
        {"kid": ...},
        {"kid": ""},
        {"kid": 7},
        {"kid": ["a"]},
        {"kid": "../../etc/passwd"},
        {"kid": "' OR 1=1 --"},
        {"kid": "\0"},
        {"kid": "\ud800"},
        {"kid": "k" * 2500},
        {"jku": "https://evil.example/jwks.json"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["AA"]},
        {"jwk": {"kty": "oct", "k": "AA"}},
        {"crit": ["exp"]},
        {"crit": ["b64"], "b64": False},
        {"b64": True},
        {"cty": "JWT"},
        {"zip": "DEF"},
    ],
)
async def test_a_wrong_header_under_the_right_key_is_401(forger: Forger, header: dict[str, Any]) -> None:
    assert await forger.status(forger.sign(_json(forger.header(**header)), _json(forger.claims()))) == 401


async def test_a_member_twice_is_401_in_the_header_and_among_the_claims(forger: Forger) -> None:
    header, claims = _json(forger.header()), _json(forger.claims())
    twice = [
        (b'{"alg":"none",' + header[1:], claims),
        (header[:-1] + b',"alg":"RS256"}', claims),
        (b'{"kid":"other",' + header[1:], claims),
        (header, b'{"sub":"00000000-0000-4000-8000-000000000000",' + claims[1:]),
        (header, claims[:-1] + b',"scope":"admin","scope":"profile"}'),
    ]
    for forged_header, forged_claims in twice:
        assert await forger.status(forger.sign(forged_header, forged_claims)) == 401


@pytest.mark.parametrize(
    "claims",
    [b"", b"null", b"[]", b"7", b'"text"', b"{", b"\xff\xfe", b"{}{}", b"[" * 1500, b'{"a":' * 400, b'{"exp":' + b"9" * 1500 + b"}"],
    ids=["nothing", "null", "list", "number", "text", "half", "not-utf-8", "two", "deep-lists", "deep-objects", "huge-number"],
)  # fmt: skip
async def test_claims_that_are_no_claims_are_401(forger: Forger, claims: bytes) -> None:
    assert await forger.status(forger.sign(_json(forger.header()), claims)) == 401


@pytest.mark.parametrize(
    "header",
    [b"", b"null", b"[]", b"7", b"{", b"\xff\xfe", b"[" * 2000, b'{"a":' * 600, b'{"kid":' + b"9" * 1500 + b"}"],
    ids=["nothing", "null", "list", "number", "half", "not-utf-8", "deep-lists", "deep-objects", "huge-number"],
)
async def test_headers_that_are_no_headers_are_401(forger: Forger, header: bytes) -> None:
    assert await forger.status(forger.sign(header, _json(forger.claims()))) == 401


async def test_only_the_one_spelling_that_we_write_is_accepted(forger: Forger, ada: Person) -> None:
    header, claims = _encoded(_json(forger.header())), _encoded(_json(forger.claims()))
    blank = _encoded(json.dumps(forger.header()).encode())
    reordered = _encoded(_json(dict(sorted(forger.header().items()))))
    spaced_claims = _encoded(json.dumps(forger.claims(), indent=1).encode())
    for message in (f"{blank}.{claims}", f"{reordered}.{claims}", f"{header}.{spaced_claims}", f"{header}=.{claims}"):
        assert await forger.status(forger.sign_text(message)) == 401
    signed = ada.token
    last = signed[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other_spelling = signed[:-1] + alphabet[alphabet.index(last) ^ 1]
    for token in (other_spelling, f"{signed}=", f"{signed}==", f"{signed}.", f".{signed}", f"{signed}.x", signed[:-1]):
        assert await forger.status(token) == 401


async def test_a_flipped_bit_anywhere_is_401(forger: Forger, ada: Person) -> None:
    for place in range(0, len(ada.token), 37):
        changed = ada.token[:place] + ("A" if ada.token[place] != "A" else "B") + ada.token[place + 1 :]
        assert await forger.status(changed) == 401


async def test_another_key_or_algorithm_is_401(forger: Forger) -> None:
    right, claims = _json(forger.header()), _json(forger.claims())
    assert await forger.status(forger.sign(right, claims, rsa.generate_private_key(65537, 2048))) == 401
    assert await forger.status(forger.sign(right, claims, rsa.generate_private_key(65537, 3072))) == 401
    for algorithm in ("RS512", "PS256"):
        headers = {"typ": "at+jwt", "kid": forger.kid}
        assert await forger.status(jwt.encode(forger.claims(), forger._key, algorithm, headers)) == 401
    for header in (forger.header(alg="HS256"), forger.header()):
        message = f"{_encoded(_json(header))}.{_encoded(_json(forger.claims()))}"
        for secret in (_json(forger.public), forger.pem(), b""):
            mac = hmac.digest(secret, message.encode(), "sha256")
            assert await forger.status(f"{message}.{_encoded(mac)}") == 401


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", ["RS256"], None, 7])
@pytest.mark.parametrize("kid", [None, 7, ["a"]])
async def test_a_hand_made_header_is_401(forger: Forger, ada: Person, algorithm: object, kid: object) -> None:
    parts = ada.token.split(".")
    parts[0] = _encoded(_json({"alg": algorithm, "typ": "at+jwt", "kid": kid}))
    assert await forger.status(".".join(parts)) == 401


async def test_a_token_that_ends_is_401_at_once(forger: Forger) -> None:
    ended = forger.claims(exp=int(time.time()) - 1, jti=str(uuid.uuid4()))
    assert await forger.status(forger.sign(_json(forger.header()), _json(ended))) == 401


async def test_a_token_of_no_known_key_is_401_and_costs_no_5xx(forger: Forger, client: AsyncClient) -> None:
    for kid in ("unknown", "A" * 43, "-_" * 20):
        assert await forger.status(forger.sign(_json(forger.header(kid=kid)), _json(forger.claims()))) == 401
