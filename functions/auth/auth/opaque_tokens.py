"""Tokens that are a row's id and a secret; the row keeps the secret's hash. For letters, challenges, personal tokens."""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

_SECRET_BYTES = 32
_BYTES = 16 + _SECRET_BYTES
MAX_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Parsed:
    id: UUID
    secret: bytes

    def matches(self, secret_hash: bytes) -> bool:
        return hmac.compare_digest(_hash(self.secret), secret_hash)


def _hash(secret: bytes) -> bytes:
    """Plain SHA-256: 256 random bits need no slow hash."""
    return hashlib.sha256(secret).digest()


def new_secret() -> tuple[bytes, bytes]:
    """(the secret, the hash that the row keeps)."""
    secret = secrets.token_bytes(_SECRET_BYTES)
    return secret, _hash(secret)


def write(identifier: UUID, secret: bytes, prefix: str = "") -> str:
    return prefix + base64.urlsafe_b64encode(identifier.bytes + secret).decode()


def parse(token: str, prefix: str = "") -> Parsed | None:
    """None for anything that `write` did not make."""
    if not token.startswith(prefix) or len(token) > MAX_LENGTH:
        return None
    try:
        raw = base64.b64decode(token[len(prefix) :], altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return Parsed(UUID(bytes=raw[:16]), raw[16:]) if len(raw) == _BYTES else None
