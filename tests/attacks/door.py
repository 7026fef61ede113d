"""A door is one way to the service: each attack is written once and tried at all of them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg

from tests.server.ways import Answer, Headers

CLOSED = (
    ("GET", "/v1/auth/me"),
    ("GET", "/v1/money/accounts"),
    ("POST", "/v1/posts"),
    ("GET", "/v1/analytics/datasets"),
)
"""One of each group that needs a token."""
_BODIES: dict[str, Any] = {"/v1/posts": {"title": "Hello", "body": "world", "tags": []}}
JSON = ("Content-Type", "application/json")


class Way(Protocol):
    async def __call__(self, method: str, path: str, headers: Headers, body: bytes | None) -> Answer: ...


@dataclass(frozen=True)
class SigningKey:
    """The service's own: whoever holds it and still gets in with a wrong token has found a hole.

    `sign(message, algorithm)`, with the names of RFC 7518.
    """

    jwk: dict[str, str]
    sign: Callable[[bytes, str], bytes]


@dataclass(frozen=True)
class Door:
    """`function` is the way past the gateway, where there is one. `owner`: the database, with all rights."""

    name: str
    way: Way
    function: Way
    owner: psycopg.Connection
    key: SigningKey
    issuer: str
    origin: str

    async def send(self, method: str, path: str, headers: Headers = (), body: bytes | None = None) -> Answer:
        """Never a 5xx, whatever it was."""
        return _sound(await self.way(method, path, headers, body), f"{method} {path}")

    async def send_past_gateway(self, method: str, path: str, headers: Headers) -> Answer:
        return _sound(await self.function(method, path, headers, _body(path)), f"{method} {path}")

    async def call(self, method: str, path: str, order: Any = None, headers: Headers = ()) -> Answer:
        """With JSON."""
        body = None if order is None else json.dumps(order).encode()
        given = headers.items() if isinstance(headers, dict) else headers
        return await self.send(method, path, [*given, *([JSON] if body else [])], body)

    async def knock(self, headers: Headers) -> list[Answer]:
        """At a closed route of every group, with these headers."""
        given = headers.items() if isinstance(headers, dict) else headers
        return [await self.send(method, path, [*given, JSON], _body(path)) for method, path in CLOSED]


def _body(path: str) -> bytes | None:
    order = _BODIES.get(path)
    return None if order is None else json.dumps(order).encode()


def _sound(answer: Answer, what: str) -> Answer:
    assert answer.status < 500, (what, answer.status, answer.body)
    return answer


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def refused(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.json.get("code")) == (status, code), answer
