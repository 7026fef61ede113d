"""Uploads that go all the way through the object store."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from httpx import AsyncClient

from analytics.upload_handler import process
from common import storage
from common.settings import settings
from tests.conftest import UPLOADS_BUCKET
from tests.people import Person

BUCKET = UPLOADS_BUCKET
DATA = Path(__file__).parent.parent / "data"


def s3_event(key: str, etag: str, size: int = 0) -> dict[str, Any]:
    from urllib.parse import quote_plus

    stored = {"key": quote_plus(key), "eTag": etag.strip('"'), "size": size}
    record = {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": BUCKET}, "object": stored},
    }
    return {"Records": [record]}


@dataclass(frozen=True)
class Uploader:
    """Does what a browser and S3 do."""

    client: AsyncClient

    async def announce(self, person: Person, filename: str, size: int, **more: Any) -> dict[str, Any]:
        response = await person.post("/v1/analytics/uploads", {"filename": filename, "size": size, **more})
        assert response.status_code == 201, response.text
        form: dict[str, Any] = response.json()
        return form

    async def put(
        self, person: Person, content: bytes, filename: str = "book.xlsx", **more: Any
    ) -> tuple[str, dict[str, Any]]:
        """The upload's id, and the event that its object causes."""
        form = await self.announce(person, filename, len(content), **more)
        async with AsyncClient() as browser:
            sent = await browser.post(form["url"], data=form["fields"], files={"file": (filename, content)})
        assert sent.status_code in (200, 201, 204), sent.text
        key = form["fields"]["key"]
        etag = storage.client().head_object(Bucket=BUCKET, Key=key)["ETag"]
        return form["id"], s3_event(key, etag, len(content))

    async def upload(self, person: Person, content: bytes, filename: str = "book.xlsx", **more: Any) -> dict[str, Any]:
        """The upload as the API shows it after processing."""
        identifier, event = await self.put(person, content, filename, **more)
        await process(event)
        return await self.read(person, identifier)

    async def read(self, person: Person, identifier: str) -> dict[str, Any]:
        response = await person.get(f"/v1/analytics/uploads/{identifier}")
        assert response.status_code == 200, response.text
        shown: dict[str, Any] = response.json()
        return shown

    async def dataset(self, person: Person, content: bytes, filename: str = "book.xlsx") -> dict[str, Any]:
        done = await self.upload(person, content, filename)
        assert done["state"] == "done", done["error"]
        response = await person.get(f"/v1/analytics/datasets/{done['dataset_id']}")
        assert response.status_code == 200, response.text
        shown: dict[str, Any] = response.json()
        return shown


@pytest.fixture
def uploader(client: AsyncClient, store: str) -> Uploader:
    return Uploader(client)


def sqs_event(*bodies: dict[str, Any]) -> dict[str, Any]:
    import json

    records = [{"messageId": str(uuid4()), "eventSource": "aws:sqs", "body": json.dumps(body)} for body in bodies]
    return {"Records": records}


class Queue:
    """The uploads' queue, and whoever works on it."""

    def __init__(self, url: str, endpoint: str) -> None:
        self.url, self._sqs = url, boto3.client("sqs", endpoint_url=endpoint)

    def taken(self) -> list[str]:
        found = self._sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", [])
        return [message["Body"] for message in found]

    async def work(self) -> None:
        (body,) = self.taken()
        records = [{"messageId": str(uuid4()), "eventSource": "aws:sqs", "body": body}]
        assert await process({"Records": records}) == {"batchItemFailures": []}


@pytest.fixture
def queue(store: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue]:
    url = boto3.client("sqs", endpoint_url=store).create_queue(QueueName=f"q{uuid4().hex}")["QueueUrl"]
    monkeypatch.setenv("UPLOADS_QUEUE_URL", url)
    settings.cache_clear()
    yield Queue(url, store)
    monkeypatch.undo()
    settings.cache_clear()
