"""A reply that Lambda could not send becomes one that says so."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi.responses import Response, StreamingResponse
from mangum import Mangum

from common.lambda_entry import TEXT
from common.reply_limit import LIMIT
from common.web import create_app

EVENT = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/v1/posts/reply",
    "rawQueryString": "",
    "headers": {"host": "x"},
    "isBase64Encoded": False,
    "requestContext": {"http": {"method": "GET", "path": "/v1/posts/reply", "sourceIp": "1.2.3.4"}},
}
made: list[int] = []


async def _pieces(size: int) -> AsyncIterator[bytes]:
    while size > 0:
        made.append(size)
        yield b'"' * min(size, 100_000)
        size -= 100_000


def answered(response: Response) -> dict[str, object]:
    app = create_app("posts")

    @app.get("/v1/posts/reply")
    async def reply() -> Response:
        return response

    context: Any = object()
    answer: dict[str, object] = Mangum(app, lifespan="off", text_mime_types=TEXT)(EVENT, context)
    # What Lambda takes is this, as JSON.
    assert len(json.dumps(answer, ensure_ascii=False).encode()) <= 6 * 1024 * 1024
    return answer


@pytest.mark.filterwarnings("ignore:There is no current event loop:DeprecationWarning")
@pytest.mark.parametrize(
    ("size", "kind"),
    [
        (LIMIT, "text/plain"),
        (LIMIT * 3 // 4 - 10, "application/pdf"),
        (0, "text/plain"),
    ],
)
def test_what_fits_goes_through_as_it_is(size: int, kind: str) -> None:
    answer = answered(Response(b"x" * size, media_type=kind))
    assert answer["statusCode"] == 200
    assert answer["isBase64Encoded"] == (kind == "application/pdf")


@pytest.mark.filterwarnings("ignore:There is no current event loop:DeprecationWarning")
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"x" * (LIMIT + 1), "text/plain"),
        (b"x" * (LIMIT * 3 // 4 + 1), "application/pdf"),
        (b'"' * (LIMIT // 2 + 1), "application/json"),
        ("ы".encode() * (LIMIT // 2 + 1), "text/plain"),
    ],
)
def test_what_does_not_fit_is_refused(content: bytes, kind: str) -> None:
    answer = answered(Response(content, media_type=kind))
    assert answer["statusCode"] == 422
    body = json.loads(str(answer["body"]))
    assert body["code"] == "ReplyTooLarge"
    assert body["request_id"]


@pytest.mark.filterwarnings("ignore:There is no current event loop:DeprecationWarning")
def test_a_stream_is_stopped_when_it_has_become_too_long(caplog: pytest.LogCaptureFixture) -> None:
    made.clear()
    answer = answered(StreamingResponse(_pieces(100_000_000), media_type="text/csv"))
    assert answer["statusCode"] == 422
    assert len(made) < 40
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
