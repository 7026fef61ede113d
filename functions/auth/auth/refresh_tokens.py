"""Opaque refresh tokens: session id, counter, and an HMAC under the session's own key. The row keeps only the counter."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

_MAC_BYTES = 32
_BYTES = 16 + 4 + _MAC_BYTES


@dataclass(frozen=True, slots=True)
class Parsed:
    session_id: UUID
    counter: int
    mac: bytes


def _mac(key: bytes, session_id: UUID, counter: int) -> bytes:
    return hmac.new(key, session_id.bytes + counter.to_bytes(4), hashlib.sha256).digest()


def mint(key: bytes, session_id: UUID, counter: int) -> str:
    raw = session_id.bytes + counter.to_bytes(4) + _mac(key, session_id, counter)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def parse(token: str) -> Parsed | None:
    """None for anything that was not made by `mint`, in its one canonical spelling."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != _BYTES or base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != token:
        return None
    return Parsed(UUID(bytes=raw[:16]), int.from_bytes(raw[16:20]), raw[20:])


def is_genuine(parsed: Parsed, key: bytes) -> bool:
    return hmac.compare_digest(parsed.mac, _mac(key, parsed.session_id, parsed.counter))
