"""The Idempotency-Key header: one effect per person and key, however often the request is sent."""

import hashlib
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header
from pydantic import BaseModel

from common.errors import BadRequest, Unprocessable

MAX_LENGTH = 200
REPLAYED = {"Idempotent-Replayed": "true"}


class IdempotencyKeyMissing(BadRequest):
    """This needs an Idempotency-Key header: a value of your own, 1 to 200 visible ASCII characters, new for each intent."""


class IdempotencyKeyReused(Unprocessable):
    """This Idempotency-Key was used before with a different request."""


@dataclass(frozen=True, slots=True)
class Request:
    """Who wants it, under which key, and what for: a hash of what they sent."""

    principal: UUID
    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Key:
    value: str

    def request(self, principal: UUID, operation: str, *sent: BaseModel | UUID) -> Request:
        """Only what the caller sent is what the key stands for: a generated value would refuse honest retries."""
        parts = [each.model_dump_json() if isinstance(each, BaseModel) else str(each) for each in sent]
        fingerprint = hashlib.sha256("\n".join([operation, *parts]).encode()).digest()
        return Request(principal, self.value, fingerprint)


type _Header = Annotated[str | None, Header(description="New for each intent, kept for its retries.")]


async def _key(idempotency_key: _Header = None) -> Key:
    value = (idempotency_key or "").strip()
    if not 1 <= len(value) <= MAX_LENGTH or not (value.isascii() and value.isprintable()):
        raise IdempotencyKeyMissing
    return Key(value)


async def _key_if_any(idempotency_key: _Header = None) -> Key | None:
    return None if idempotency_key is None else await _key(idempotency_key)


IdempotencyKey = Annotated[Key, Depends(_key)]
OptionalIdempotencyKey = Annotated[Key | None, Depends(_key_if_any)]
