"""The same requests as Lambda gets them and as the server gets them have the same answers."""

import json
import re
import secrets
from typing import Any

import pytest
from httpx import AsyncClient

from tests.server.ways import Answer, ByLambda, ByServer, lambda_process

Way = ByServer | ByLambda
_HEADERS = (
    "content-type",
    "cache-control",
    "www-authenticate",
    "retry-after",
    "idempotent-replayed",
    "location",
    "allow",
)
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[0-9.]*(Z|[+-]\d\d:\d\d)")
_OPAQUE = {"access_token", "refresh_token", "next_cursor", "request_id", "kid", "n", "slug", "email"}


def _plain(value: Any, key: str = "") -> Any:
    """Without what differs by nature from one run to the next."""
    if isinstance(value, dict):
        return {name: _plain(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, str):
        return "<opaque>" if key in _OPAQUE else _TIME.sub("<time>", _ID.sub("<id>", value))
    return value


def _cookie(text: str) -> str:
    return re.sub(r"^([^=]+)=[^;]*", r"\1=<value>", re.sub(r"expires=[^;]*; ?", "", text, flags=re.IGNORECASE))


def _comparable(answer: Answer) -> dict[str, Any]:
    is_json = "json" in answer.headers.get("content-type", "")
    # Mangum gives a response without a body a content type all the same.
    headers = {name: answer.headers.get(name) for name in _HEADERS if answer.body or name != "content-type"}
    return {
        "status": answer.status,
        "headers": headers,
        "cookies": sorted(map(_cookie, answer.cookies)),
        "etag": "etag" in answer.headers,
        "request_id": bool(answer.headers.get("x-request-id")),
        "body": _plain(answer.json) if is_json and answer.body else answer.body.decode(),
    }


class Visit:
    """One way's visitor, and what was seen on the way."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.token = ""
        self.email = f"parity.{secrets.token_hex(6)}@example.org"

    async def call(self, method: str, path: str, body: Any = None, /, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token and "authorization" not in sent:
            sent["authorization"] = f"Bearer {self.token}"
        raw = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        if raw is not None:
            sent.setdefault("content-type", "application/json")
        answer = await self._way(method, path, sent, raw)
        self.seen.append((f"{method} {_ID.sub('<id>', path)}", _comparable(answer)))
        return answer

    async def signs_up(self) -> None:
        who = {"email": self.email, "password": "a samovar of one's own"}
        await self.call("POST", "/v1/auth/register", {**who, "display_name": "Ада 🫖"})
        await self.call("POST", "/v1/auth/login", {**who, "password": "not this one at all"})
        signed_in = await self.call("POST", "/v1/auth/login", who)
        self.token = signed_in.json["access_token"]
        cookie = signed_in.cookies[0].partition(";")[0]
        await self.call("POST", "/v1/auth/refresh", cookie=cookie, origin="http://evil.example")
        await self.call("POST", "/v1/auth/refresh", cookie=cookie, origin="http://localhost:8000")
        await self.call("GET", "/v1/auth/me")
        await self.call("PATCH", "/v1/auth/me", {"is_admin": True})

    async def moves_money(self) -> None:
        account = (await self.call("POST", "/v1/money/accounts", {"currency": "EUR"}, idempotency_key="first-key")).json
        order = {"account_id": account["id"], "amount": 1000, "currency": "EUR"}
        await self.call("POST", "/v1/money/deposits", order)
        for _ in range(2):
            await self.call("POST", "/v1/money/deposits", order, idempotency_key="second-key")
        await self.call("POST", "/v1/money/deposits", {**order, "amount": 1}, idempotency_key="second-key")
        await self.call("POST", "/v1/money/deposits", {**order, "amount": 1.5}, idempotency_key="third-key")
        await self.call("GET", f"/v1/money/accounts/{account['id']}/entries?limit=1")
        await self.call("GET", "/v1/money/accounts/00000000-0000-7000-8000-000000000000")

    async def writes(self) -> None:
        made = await self.call(
            "POST", "/v1/posts", {"title": "Печь", "body": "# 250 °C\n\n**тепло**", "tags": ["Печь"]}
        )
        read = await self.call("GET", f"/v1/posts/{made.json['id']}")
        await self.call("GET", f"/v1/posts/{made.json['id']}", if_none_match=read.headers["etag"])
        for title in ("Другая", "Третья"):
            await self.call("PATCH", f"/v1/posts/{made.json['id']}", {"title": title}, if_match=read.headers["etag"])
        await self.call("DELETE", f"/v1/posts/{made.json['id']}")
        await self.call("GET", f"/v1/posts/{made.json['id']}")

    async def errs(self) -> None:
        await self.call("POST", "/v1/auth/login", b"{not json")
        await self.call("GET", "/v1/auth/nothing")
        await self.call("DELETE", "/v1/auth/login")
        await self.call("GET", "/v1/posts?limit=1000")
        await self.call("GET", "/v1/analytics/datasets", authorization="Bearer nonsense")
        await self.call("GET", "/v1/analytics/uploads/00000000-0000-7000-8000-000000000000")
        for group in ("auth", "money", "posts", "analytics"):
            await self.call("GET", f"/v1/{group}/health")
            await self.call("GET", f"/v1/{group}/ready", authorization="")


async def _whole_visit(way: Way) -> list[tuple[str, dict[str, Any]]]:
    visit = Visit(way)
    for part in (visit.signs_up, visit.moves_money, visit.writes, visit.errs):
        await part()
    return visit.seen


@pytest.mark.xdist_group("parity")
async def test_lambda_and_server_answer_alike(client: AsyncClient) -> None:
    by_server = await _whole_visit(ByServer(client))
    with lambda_process() as way:
        by_lambda = await _whole_visit(way)
    assert len(by_server) > 25
    for (request, server_answer), (_same, lambda_answer) in zip(by_server, by_lambda, strict=True):
        assert lambda_answer == server_answer, request
    assert {answer["status"] for _, answer in by_server} >= {200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 412, 422}
