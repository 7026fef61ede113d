"""The Idempotency-Key header: one effect per person and key, however often the request is sent."""

import hashlib
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header
from pydantic import BaseModel

from money.errors import IdempotencyKeyMissing

MAX_LENGTH = 200


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


async def _key(
    idempotency_key: Annotated[str | None, Header(description="New for each intent, kept for its retries.")] = None,
) -> Key:
    value = (idempotency_key or "").strip()
    if not 1 <= len(value) <= MAX_LENGTH or not (value.isascii() and value.isprintable()):
        raise IdempotencyKeyMissing
    return Key(value)


IdempotencyKey = Annotated[Key, Depends(_key)]
