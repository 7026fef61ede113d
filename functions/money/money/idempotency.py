"""The Idempotency-Key header: one effect per person and key, however often the request is sent."""

import hashlib
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header
from pydantic import BaseModel

from money.errors import IdempotencyKeyMissing

MAX_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Key:
    value: str

    def fingerprint(self, operation: str, order: BaseModel) -> bytes:
        """What the key stands for. Only what the caller sent goes in: a generated value would refuse honest retries."""
        return hashlib.sha256(f"{operation}\n{order.model_dump_json()}".encode()).digest()


def _key(
    idempotency_key: Annotated[str | None, Header(description="New for each intent, kept for its retries.")] = None,
) -> Key:
    value = (idempotency_key or "").strip()
    if not 1 <= len(value) <= MAX_LENGTH or not (value.isascii() and value.isprintable()):
        raise IdempotencyKeyMissing
    return Key(value)


IdempotencyKey = Annotated[Key, Depends(_key)]
