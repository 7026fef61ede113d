"""Entity tags: a digest of the bytes, for a post with its version before it. Counters change the bytes and not the version."""

import hashlib
import re

from common.errors import BadRequest

_VERSION = re.compile(r'(?:W/)?"(\d{1,9})(?:\.[0-9a-f]{24})?"')


class InvalidIfMatch(BadRequest):
    """If-Match must be the ETag that reading the post gave, or *."""


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=12).hexdigest()


def of_version(version: int, body: bytes) -> str:
    return f'"{version}.{_digest(body)}"'


def of_bytes(body: bytes) -> str:
    return f'"{_digest(body)}"'


def matches(if_none_match: str, etag: str) -> bool:
    """Whether the reader has it; a proxy that compressed the answer may have called the tag weak."""
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in if_none_match.split(","))


def expected_version(if_match: str | None) -> int | None:
    """None: any version will do."""
    if if_match is None or if_match.strip() == "*":
        return None
    match = _VERSION.fullmatch(if_match.strip())
    if match is None:
        raise InvalidIfMatch
    return int(match[1])
