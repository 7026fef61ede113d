"""What the server adds around the groups: dispatch, description, page, headers."""

import re

import pytest
from httpx import ASGITransport, AsyncClient

from common.settings import settings
from server import page
from server.app import create_app


async def test_each_group_answers_under_its_own_prefix(client: AsyncClient) -> None:
    for group in ("auth", "money", "posts", "analytics"):
        response = await client.get(f"/v1/{group}/health")
        assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/nothing", "/v1/nothing/at/all", "/v1/authority/health"])
async def test_a_path_of_no_group_is_a_problem(client: AsyncClient, path: str) -> None:
    response = await client.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["request_id"] == response.headers["x-request-id"]


async def test_a_server_of_two_groups_serves_no_third(loop_of_the_run: None) -> None:
    app = create_app(("auth", "money"))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost:8000") as two:
        assert (await two.get("/v1/auth/health")).status_code == 200
        assert (await two.get("/v1/posts/health")).status_code == 404
        described = (await two.get("/openapi.json")).json()
        assert {path.split("/")[2] for path in described["paths"]} == {"auth", "money"}
        assert (await two.get("/config.json")).json()["groups"] == ["auth", "money"]


async def test_ready_says_which_databases_answer(client: AsyncClient) -> None:
    assert (await client.get("/health")).json() == {"status": "ok"}
    assert (await client.get("/ready")).json()["groups"] == ["auth", "money", "posts", "analytics"]


async def test_the_documentation_needs_nothing_from_elsewhere(client: AsyncClient) -> None:
    html = (await client.get("/docs")).text
    wanted = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert len(wanted) == 4
    for path in wanted:
        assert path.startswith("/docs/")
        assert (await client.get(path)).status_code == 200
    assert "<script>" not in html
    assert (await client.get("/docs/redoc.standalone.js")).status_code == 404


async def test_large_answers_are_compressed(client: AsyncClient) -> None:
    response = await client.get("/openapi.json", headers={"accept-encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert response.json()["info"]["title"] == "Artel"


async def test_api_answers_may_load_and_frame_nothing(client: AsyncClient) -> None:
    for path in ("/v1/posts/health", "/v1/nothing"):
        headers = (await client.get(path)).headers
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "strict-transport-security" not in headers  # PUBLIC_URL is plain http here


@pytest.fixture
def built(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page as Vite leaves it."""
    dist = tmp_path_factory.mktemp("dist")
    (dist / "assets").mkdir()
    (dist / "index.html").write_text("<!doctype html><title>page</title>")
    (dist / "assets" / "index-abc123.js").write_text("1")
    (dist / "mark.svg").write_text("<svg/>")
    monkeypatch.setenv("FRONTEND_DIR", str(dist))


@pytest.fixture
async def page_client(loop_of_the_run: None, built: None) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(create_app()), base_url="http://localhost:8000")


@pytest.mark.parametrize("path", ["/", "/wallet", "/posts/some-slug", "/index.html"])
async def test_every_view_of_the_page_is_its_index(page_client: AsyncClient, path: str) -> None:
    response = await page_client.get(path)
    assert response.status_code == 200
    assert response.text.endswith("<title>page</title>")
    assert response.headers["cache-control"] == "no-cache"
    policy = response.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy


async def test_hashed_files_are_kept_for_ever_and_others_are_not(page_client: AsyncClient) -> None:
    assert "immutable" in (await page_client.get("/assets/index-abc123.js")).headers["cache-control"]
    assert (await page_client.get("/mark.svg")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/logo.png", "/assets/gone-123.js", "/..%2f..%2fpyproject.toml", "/%2e%2e/server/app.py"]
)
async def test_a_missing_file_is_not_the_page(page_client: AsyncClient, path: str) -> None:
    response = await page_client.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


async def test_the_page_is_read_only(page_client: AsyncClient) -> None:
    assert (await page_client.post("/")).status_code == 405


async def test_the_page_may_send_files_to_the_object_store(
    page_client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://storage:4566")
    monkeypatch.setenv("S3_PUBLIC_ENDPOINT_URL", "https://files.example.com/path")
    settings.cache_clear()
    try:
        response = await page_client.get("/")
    finally:
        settings.cache_clear()
    assert "connect-src 'self' https://files.example.com;" in response.headers["content-security-policy"]


async def test_without_a_page_people_are_led_to_the_documentation(
    loop_of_the_run: None, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTEND_DIR", str(tmp_path_factory.mktemp("empty")))
    assert not (page.folder() / "index.html").exists()
    async with AsyncClient(transport=ASGITransport(create_app()), base_url="http://localhost:8000") as bare:
        response = await bare.get("/")
    assert response.status_code == 200
    assert 'href="/docs"' in response.text
