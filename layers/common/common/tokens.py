"""What an access token must look like (RFC 9068), written and checked the same way in every group.

PyJWT and the cryptography under it are imported on first use: a public route needs neither.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    import jwt

ALGORITHM = "RS256"
TYPE = "at+jwt"
REQUIRED = ["exp", "iat", "iss", "aud", "sub", "jti", "sid"]
MAX_BYTES = 4096
MAX_LIFE_S = 3600
"""Ours live for ten minutes; one that claims more than an hour is none of ours, whoever signed it."""
_KID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""It goes into a query: PostgreSQL takes no NUL and no half of a character."""
_PARTS = 3


class InvalidToken(Exception):
    """Not one of our tokens, or no longer. Nobody outside is told which."""


@dataclass(frozen=True, slots=True)
class Claims:
    user_id: UUID
    session_id: UUID
    scopes: frozenset[str]
    expires_at: float


def segment(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def json_segment(value: Any) -> str:
    return segment(json.dumps(value, separators=(",", ":")).encode())


def header_segment(kid: str) -> str:
    return json_segment({"alg": ALGORITHM, "typ": TYPE, "kid": kid})


@lru_cache(maxsize=2000)
def key_id(token: str) -> str:
    """The `kid` of a token whose header is, to the byte, the one that we write; nothing is verified yet.

    So there is one spelling of it: no other type or algorithm (PyJWT accepts any `typ`, and an ID token of the same key
    would pass for access), no jku, x5u, jwk, crit or b64, no member twice, no blanks, no padding.
    """
    parts = token.split(".")
    if len(token) > MAX_BYTES or len(parts) != _PARTS:
        raise InvalidToken
    header, _, signature = parts
    found = _parse(header)
    kid = found.get("kid") if isinstance(found, dict) else None
    if not isinstance(kid, str) or not _KID.fullmatch(kid) or header_segment(kid) != header:
        raise InvalidToken
    if segment(_decode(signature)) != signature:
        raise InvalidToken  # base64url has several spellings of the same bytes
    return kid


def _decode(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidToken from error


def _parse(part: str) -> Any:
    try:
        return json.loads(_decode(part))
    except (ValueError, RecursionError) as error:
        raise InvalidToken from error


def verify(token: str, public_key: "jwt.PyJWK", issuer: str, audience: str) -> Claims:
    import jwt

    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            public_key,
            algorithms=[ALGORITHM],
            issuer=issuer,
            audience=audience,
            options={"require": REQUIRED, "strict_aud": True, "enforce_minimum_key_length": True},
        )
        if json_segment(claims) != token.split(".")[1]:
            raise InvalidToken  # a claim twice, of which another verifier might take the other
        if claims["exp"] - claims["iat"] > MAX_LIFE_S:
            raise InvalidToken
        return Claims(
            user_id=UUID(claims["sub"]),
            session_id=UUID(claims["sid"]),
            scopes=frozenset(str(claims.get("scope", "")).split()),
            expires_at=float(claims["exp"]),
        )
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise InvalidToken from error
