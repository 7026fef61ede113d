"""The two ways a request reaches a group's app, behind one signature."""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from httpx import AsyncClient


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

    async def __call__(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer:
        self._client.cookies.clear()
        response = await self._client.request(method, path, headers=headers, content=body)
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

    async def __call__(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer:
        assert self._process.stdin
        assert self._process.stdout
        order = {"group": path.split("/")[2].partition("?")[0], "event": _event(method, path, headers, body)}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        reply = json.loads(self._process.stdout.readline())
        text = reply.get("body") or ""
        contents = base64.b64decode(text) if reply.get("isBase64Encoded") else text.encode()
        lowered = {name.lower(): value for name, value in reply["headers"].items()}
        return Answer(reply["statusCode"], lowered, contents, tuple(reply.get("cookies") or ()))


@contextmanager
def lambda_process() -> Iterator[ByLambda]:
    command = [sys.executable, "-m", "tests.server.lambda_side"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield ByLambda(process)
        assert process.stdin
        process.stdin.close()
        process.wait(timeout=20)


def _event(method: str, path: str, headers: dict[str, str], body: bytes | None) -> dict[str, Any]:
    parts = urlsplit(path)
    lowered = {"host": "localhost:8000", **{name.lower(): value for name, value in headers.items()}}
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
