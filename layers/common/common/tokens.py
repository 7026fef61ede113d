"""What an access token must look like (RFC 9068), checked the same way in every group.

PyJWT and the cryptography under it are imported on first use: a public route needs neither.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    import jwt

ALGORITHM = "RS256"
TYPE = "at+jwt"
REQUIRED = ["exp", "iat", "iss", "aud", "sub", "jti", "sid"]
MAX_BYTES = 4096
_MAX_KID = 64


class InvalidToken(Exception):
    """Not one of our tokens, or no longer. Nobody outside is told which."""


@dataclass(frozen=True, slots=True)
class Claims:
    user_id: UUID
    session_id: UUID
    scopes: frozenset[str]


def _is_canonical(token: str) -> bool:
    """Base64url has several spellings of the same bytes; only the one that we wrote is ours."""
    from jwt.utils import base64url_decode, base64url_encode

    signature = token.rpartition(".")[2]
    try:
        raw = base64url_decode(signature)
    except ValueError:
        return False
    return base64url_encode(raw).decode() == signature


def key_id(token: str) -> str:
    """The `kid` of a token whose header has the right type and algorithm; nothing is verified yet."""
    if len(token) > MAX_BYTES or not _is_canonical(token):
        raise InvalidToken
    import jwt

    try:
        header = jwt.get_unverified_header(token)
    except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
        raise InvalidToken from error
    kid = header.get("kid")
    # PyJWT accepts any `typ`: without this check an ID or refresh token of the same key would pass for access.
    if header.get("typ") != TYPE or header.get("alg") != ALGORITHM or not isinstance(kid, str) or len(kid) > _MAX_KID:
        raise InvalidToken
    if header.keys() - {"typ", "alg", "kid"}:
        raise InvalidToken  # jku, x5u, jwk, crit, b64, …: we mint none of them
    return kid


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
        return Claims(
            user_id=UUID(claims["sub"]),
            session_id=UUID(claims["sid"]),
            scopes=frozenset(str(claims.get("scope", "")).split()),
        )
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise InvalidToken from error
