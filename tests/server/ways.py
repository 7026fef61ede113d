"""The two ways a request reaches a group's app, behind one signature."""

import base64
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from httpx import AsyncClient

type Headers = Mapping[str, str] | Iterable[tuple[str, str]]
"""Pairs where a name comes more than once."""


def pairs(headers: Headers) -> list[tuple[str, str]]:
    return list(headers.items() if isinstance(headers, Mapping) else headers)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


class ByServer:
    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def __call__(self, method: str, path: str, headers: Headers, body: bytes | None) -> Answer:
        self._client.cookies.clear()
        raw = [(name.encode(), value.encode()) for name, value in pairs(headers)]
        response = await self._client.request(method, path, headers=raw, content=body)
        return Answer(
            response.status_code,
            dict(response.headers),
            response.content,
            tuple(response.headers.get_list("set-cookie")),
        )


class ByLambda:
    """HTTP API events, payload format 2.0, as API Gateway sends them."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    async def __call__(self, method: str, path: str, headers: Headers, body: bytes | None, **context: Any) -> Answer:
        """`context`: what the event's requestContext has besides."""
        assert self._process.stdin
        assert self._process.stdout
        event = http_event(method, path, headers, body)
        event["requestContext"] |= context
        self._process.stdin.write(json.dumps({"group": group_of(path), "event": event}) + "\n")
        self._process.stdin.flush()
        return answer_of(json.loads(self._process.stdout.readline()))


@contextmanager
def lambda_process() -> Iterator[ByLambda]:
    command = [sys.executable, "-m", "tests.server.lambda_side"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield ByLambda(process)
        assert process.stdin
        process.stdin.close()
        process.wait(timeout=20)


def group_of(path: str) -> str:
    return path.split("/")[2].partition("?")[0]


def answer_of(reply: dict[str, Any]) -> Answer:
    """What a handler returned."""
    text = reply.get("body") or ""
    contents = base64.b64decode(text) if reply.get("isBase64Encoded") else text.encode()
    lowered = {name.lower(): value for name, value in reply["headers"].items()}
    return Answer(reply["statusCode"], lowered, contents, tuple(reply.get("cookies") or ()))


def _joined(headers: Headers) -> dict[str, str]:
    """As the gateway hands them over: lower-cased, and of one name with commas between."""
    found: dict[str, str] = {}
    for name, value in pairs(headers):
        key = name.lower()
        found[key] = f"{found[key]},{value}" if key in found else value
    return found


def http_event(method: str, path: str, headers: Headers, body: bytes | None) -> dict[str, Any]:
    parts = urlsplit(path)
    lowered = {"host": "localhost:8000", **_joined(headers)}
    cookie = lowered.pop("cookie", None)
    if body is not None:
        lowered["content-length"] = str(len(body))
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": parts.path,
        "rawQueryString": parts.query,
        "headers": lowered,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "api",
            "domainName": "localhost",
            "http": {
                "method": method,
                "path": parts.path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "t",
            },
            "requestId": "gateway-request-id",
            "stage": "$default",
            "timeEpoch": 0,
        },
        "isBase64Encoded": body is not None,
    }
    if body is not None:
        # The gateway encodes what it takes for binary; the app must not notice.
        event["body"] = base64.b64encode(body).decode()
    if cookie:
        event["cookies"] = cookie.split("; ")
    return event
