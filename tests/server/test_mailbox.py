"""`/dev/mail` shows strangers' text, and only on the machine of whoever develops."""

from collections.abc import Iterator
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient

from common.settings import settings
from server import mailbox
from server.app import create_app

LETTER = {
    "To": ["ada@example.com"],
    "Subject": "Confirm <b>",
    "Timestamp": 1_790_000_000.5,
    "BodyText": 'Open https://example.com/verify?token=a&b=c. Not <script>alert(1)</script> "or" http://x.test/"onclick=1',
    "BodyHtml": '<html><head></head><p>Hello</p><img src="x" onerror="alert(1)"></html>',
}


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fetch(_endpoint: str) -> list[dict[str, Any]]:
        return [LETTER]

    monkeypatch.setattr(mailbox, "_fetch", fetch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("MAIL_TRANSPORT", "ses")
    settings.cache_clear()
    yield
    settings.cache_clear()


async def _get(accept: str = "text/html") -> tuple[int, str]:
    async with AsyncClient(transport=ASGITransport(create_app()), base_url="http://localhost:8000") as client:
        response = await client.get("/dev/mail", headers={"accept": accept})
    return response.status_code, response.text


async def test_links_can_be_clicked_and_nothing_else_is_markup(loop_of_the_run: None, letters: None) -> None:
    status, html = await _get()
    assert status == 200
    assert 'href="https://example.com/verify?token=a&amp;b=c">' in html
    assert "<script" not in html
    assert "<b>" not in html
    assert "<img" not in html
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in html
    assert "allow-scripts" not in html
    assert "&lt;base target=&quot;_blank&quot;&gt;" in html
    assert 'href="http://x.test/"' in html  # the quote ends the link, it does not end the attribute


async def test_tests_may_read_it_as_json(loop_of_the_run: None, letters: None) -> None:
    status, text = await _get("application/json")
    assert status == 200
    assert "ada@example.com" in text


@pytest.mark.parametrize("kind", ["dev", "prod"])
async def test_elsewhere_there_is_no_such_page(
    loop_of_the_run: None, letters: None, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("ENVIRONMENT", kind)
    settings.cache_clear()
    _status, text = await _get("application/json")
    assert "ada@example.com" not in text


async def test_an_emulator_that_is_away_is_an_empty_box(loop_of_the_run: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("MAIL_TRANSPORT", "ses")
    settings.cache_clear()
    try:
        status, text = await _get("application/json")
    finally:
        settings.cache_clear()
    assert (status, text) == (200, "[]")
