"""What every route of every group does alike."""

import sys
from types import ModuleType

import psycopg
import pytest
from fastapi import APIRouter
from httpx import ASGITransport, AsyncClient
from sqlalchemy import text

from common.db import DbSession, dispose_engines
from common.errors import AppError
from common.settings import settings
from common.web import create_app
from tests.people import Person

GROUPS = ("auth", "money", "posts", "analytics")


@pytest.mark.parametrize("group", GROUPS)
async def test_every_group_is_alive_and_reaches_its_database(client: AsyncClient, group: str) -> None:
    assert (await client.get(f"/v1/{group}/health")).json() == {"status": "ok"}
    assert (await client.get(f"/v1/{group}/ready")).json() == {"status": "ok"}


async def test_a_request_id_is_made_or_taken_over_and_returned(client: AsyncClient) -> None:
    made = (await client.get("/v1/posts/health")).headers["x-request-id"]
    assert len(made) == 32
    taken = await client.get("/v1/posts/health", headers={"X-Request-Id": "caller-0001"})
    assert taken.headers["x-request-id"] == "caller-0001"
    forged = await client.get("/v1/posts/health", headers={"X-Request-Id": 'x"\n{}'})
    assert len(forged.headers["x-request-id"]) == 32


async def test_an_unknown_path_is_a_problem_document(client: AsyncClient) -> None:
    answer = await client.get("/v1/money/nothing/here")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_a_malformed_body_names_the_field_and_never_repeats_its_value(client: AsyncClient) -> None:
    body = {"email": "ada@example.org", "password": "short", "display_name": "Ada", "is_admin": True}
    answer = await client.post("/v1/auth/register", json=body)
    assert answer.status_code == 422
    assert {error["location"] for error in answer.json()["errors"]} == {"body.password", "body.is_admin"}
    assert "short" not in answer.text.replace("at least", "")


class Recorded(AppError):
    """Kept."""

    status = 409


def _app_that_writes() -> AsyncClient:
    router = APIRouter()

    @router.post("/ok")
    async def ok(session: DbSession) -> None:
        await session.execute(text("INSERT INTO posts.tags (name) VALUES ('written-ok')"))

    @router.post("/error")
    async def error(session: DbSession) -> None:
        await session.execute(text("INSERT INTO posts.tags (name) VALUES ('written-error')"))
        raise AppError

    @router.post("/recorded")
    async def recorded(session: DbSession) -> None:
        await session.execute(text("INSERT INTO posts.tags (name) VALUES ('written-recorded')"))
        raise Recorded(keep=True)

    @router.post("/failing-commit")
    async def failing_commit(session: DbSession) -> None:
        # The deferred check fails at COMMIT, when the route has long returned.
        await session.execute(text("CREATE TEMP TABLE t (x int UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
        await session.execute(text("INSERT INTO t VALUES (1), (1)"))

    transport = ASGITransport(create_app("posts", router), raise_app_exceptions=False)
    return AsyncClient(transport=transport, base_url="http://test")


@pytest.mark.usefixtures("client")
async def test_a_request_is_one_transaction(owner_connection: psycopg.Connection) -> None:
    async with _app_that_writes() as caller:
        assert (await caller.post("/v1/posts/ok")).status_code == 200
        assert (await caller.post("/v1/posts/error")).status_code == 500
        assert (await caller.post("/v1/posts/recorded")).status_code == 409
    owner_connection.execute("SET ROLE artel_owner")
    written = owner_connection.execute("SELECT name FROM posts.tags WHERE name LIKE 'written-%' ORDER BY 1").fetchall()
    assert written == [("written-ok",), ("written-recorded",)]


@pytest.mark.usefixtures("client")
async def test_a_commit_that_fails_is_never_answered_with_success(owner_connection: psycopg.Connection) -> None:
    owner_connection.execute("GRANT TEMPORARY ON DATABASE " + owner_connection.info.dbname + " TO artel_posts")
    async with _app_that_writes() as caller:
        answer = await caller.post("/v1/posts/failing-commit")
    assert answer.status_code == 500
    assert answer.json()["code"] == "InternalError"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_a_group_whose_database_is_away_says_503(loop_of_the_run: None, monkeypatch: pytest.MonkeyPatch) -> None:
    await dispose_engines()
    monkeypatch.setenv("POSTS_DATABASE_URL", "postgresql://artel_posts@127.0.0.1:1/none")
    settings.cache_clear()
    async with _app_that_writes() as caller:
        answer = await caller.get("/v1/posts/ready")
    monkeypatch.undo()
    settings.cache_clear()
    await dispose_engines()
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


async def test_forged_requests_are_401_in_every_group(client: AsyncClient, ada: Person) -> None:
    paths = ("/v1/auth/me", "/v1/money/accounts", "/v1/analytics/datasets")
    head, body, signature = ada.token.split(".")
    flipped = signature[:-2] + ("A" if signature[-2] != "A" else "B") + signature[-1]
    forged = [
        None,
        "",
        "Bearer",
        "Bearer x",
        f"Basic {ada.token}",
        f"Bearer {ada.token} {ada.token}",
        f"Bearer {ada.token},Bearer {ada.token}",
        f"Bearer {head}.{body}.{flipped}",
        f"Bearer {head}.{body}.",
        f"Bearer {head}.{body}.{signature}==",
        "Bearer eyJhbGciOiJub25lIn0." + body + ".",
        "Bearer " + "A" * 10_000,
    ]
    for path in paths:
        for value in forged:
            answer = await client.get(path, headers={} if value is None else {"Authorization": value})
            assert answer.status_code == 401, (path, value)
            assert answer.headers["www-authenticate"] == "Bearer"
        twice = [("Authorization", f"Bearer {ada.token}")] * 2
        assert (await client.get(path, headers=twice)).status_code == 401


async def test_routes_left_for_later_are_imported_until_one_has_the_answer(
    loop_of_the_run: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    early, late, last = APIRouter(), APIRouter(), APIRouter()

    @early.get("/thing")
    async def read() -> str:
        return "read"

    @late.delete("/thing")
    async def delete() -> str:
        return "deleted"

    for name, router in {"late_routes": late, "last_routes": last}.items():
        module = ModuleType(name)
        module.router = router  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, name, module)
    later = ["late_routes", "last_routes"]
    app = create_app("posts", early, later)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/v1/posts/thing")).json() == "read"
        assert app.later == later
        assert (await client.delete("/v1/posts/thing")).json() == "deleted"
        assert app.later == ["last_routes"]
        assert (await client.get("/v1/posts/other")).status_code == 404
        assert app.later == []
    waiting = create_app("posts", early, later)
    assert set(waiting.openapi()["paths"]["/v1/posts/thing"]) == {"get", "delete"}
