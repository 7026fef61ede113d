"""Watching an upload become a dataset."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.types import Receive, Scope, Send

from analytics import progress
from analytics.app import app
from analytics.upload_handler import process
from tests.analytics.books import book
from tests.analytics.conftest import Uploader
from tests.people import Person

BOOK = book([["Who", "n"], *([f"person {n}", n] for n in range(5000))])


def path(identifier: str) -> str:
    return f"/v1/analytics/uploads/{identifier}/events"


async def events(person: Person, identifier: str) -> list[dict[str, Any]]:
    async with person.client.stream("GET", path(identifier), headers=person.auth) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = [line async for line in answer.aiter_lines()]
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


async def test_progress_is_told_until_the_end(ada: Person, uploader: Uploader) -> None:
    identifier, event = await uploader.put(ada, BOOK)
    watching = asyncio.create_task(events(ada, identifier))
    while progress._watching == 0:
        await asyncio.sleep(0.01)
    await process(event)
    seen = await watching
    assert (seen[0]["state"], seen[0]["percent"]) == ("waiting", 0)
    assert (seen[-1]["state"], seen[-1]["percent"], seen[-1]["rows_read"]) == ("done", 100, 5000)
    assert seen[-1] == {k: v for k, v in (await uploader.read(ada, identifier)).items() if k != "problems"}
    percents = [each["percent"] for each in seen]
    assert percents == sorted(percents)
    assert progress._watching == 0


async def test_what_has_ended_is_told_once(ada: Person, uploader: Uploader) -> None:
    failed = await uploader.upload(ada, b"no workbook")
    (told,) = await events(ada, failed["id"])
    assert (told["state"], told["error"]) == ("failed", failed["error"])


async def test_many_watch_with_no_connection_held(ada: Person, uploader: Uploader) -> None:
    identifier, event = await uploader.put(ada, BOOK)
    watching = [asyncio.create_task(events(ada, identifier)) for _ in range(30)]  # more than the pool has
    while progress._watching < len(watching):
        await asyncio.sleep(0.01)
    await process(event)
    assert {seen[-1]["state"] for seen in await asyncio.gather(*watching)} == {"done"}


async def test_who_may_not_watch_is_told_before_the_stream_begins(
    ada: Person, bob: Person, uploader: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    identifier, _event = await uploader.put(ada, BOOK)
    for who, name in ((bob, identifier), (ada, str(uuid4()))):
        refused = await who.get(path(name))
        assert (refused.status_code, refused.json()["code"]) == (404, "UploadNotFound")
    assert (await ada.client.get(path(identifier))).status_code == 401
    monkeypatch.setattr(progress, "MOST_WATCHERS", 0)
    refused = await ada.get(path(identifier))
    assert (refused.status_code, refused.json()["code"]) == (503, "TooManyWatchers")
    assert "retry-after" in refused.headers


async def test_a_stream_ends_after_a_while_and_can_be_taken_up_again(
    ada: Person, uploader: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    identifier, _event = await uploader.put(ada, BOOK)
    monkeypatch.setattr(progress, "LONGEST_S", 0.2)
    for _ in range(2):
        assert [each["state"] for each in await events(ada, identifier)] == ["waiting"]


async def test_on_lambda_the_state_of_the_moment_is_the_answer(ada: Person, uploader: Uploader) -> None:
    identifier, _event = await uploader.put(ada, BOOK)

    async def on_lambda(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope | {"aws.event": {}}, receive, send)  # type: ignore[operator]

    async with AsyncClient(transport=ASGITransport(on_lambda), base_url="http://localhost:8000") as client:
        answer = await client.get(path(identifier), headers=ada.auth)
    assert answer.status_code == 200
    assert answer.text.count("data: ") == 1
