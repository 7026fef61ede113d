"""Entity tags: a post's is its version, a list's a digest of its bytes."""

import hashlib
import re

from fastapi import Request, Response

from common.errors import BadRequest

_VERSION = re.compile(r'(?:W/)?"(\d{1,9})(?:\.[0-9a-f]{1,64})?"')


class InvalidIfMatch(BadRequest):
    """If-Match must be the ETag that reading the post gave, or *."""


def of_version(version: int) -> str:
    return f'"{version}"'


def of_state(version: int, text: str) -> str:
    """For what changes without a new version as well, such as counts; If-Match reads the version out of it."""
    return f'"{version}.{_digest(text.encode())}"'


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=12).hexdigest()


def of_bytes(body: bytes) -> str:
    return f'"{_digest(body)}"'


def expected_version(if_match: str | None) -> int | None:
    """None: any version will do."""
    if if_match is None or if_match.strip() == "*":
        return None
    match = _VERSION.fullmatch(if_match.strip())
    if match is None:
        raise InvalidIfMatch
    return int(match[1])


def answer(request: Request, text: str, cache_control: str, etag: str | None = None, status: int = 200) -> Response:
    """JSON that is ready as it stands, or 304 when the reader has it."""
    body = text.encode()
    tag = etag or of_bytes(body)
    headers = {"ETag": tag, "Cache-Control": cache_control}
    known = {t.strip().removeprefix("W/") for t in request.headers.get("if-none-match", "").split(",")}
    if request.method == "GET" and tag in known:
        return Response(status_code=304, headers=headers)
    return Response(body, status, headers, "application/json")
