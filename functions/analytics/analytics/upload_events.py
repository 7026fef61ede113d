"""What the upload function is called with: S3 notifications, bare or in the bodies of SQS messages."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object that was put into the bucket. `etag` is None where the store does not tell."""

    bucket: str
    key: str
    etag: str | None
    size: int


@dataclass(frozen=True, slots=True)
class Message:
    """`id` is the SQS message's, for the list of those to try again; empty for a bare event."""

    id: str
    objects: tuple[StoredObject, ...]


def messages(event: dict[str, Any]) -> list[Message]:
    records = event.get("Records", [])
    if records and records[0].get("eventSource") == "aws:sqs":
        return [Message(record["messageId"], tuple(_objects(json.loads(record["body"])))) for record in records]
    return [Message("", tuple(_objects(event)))]


def _objects(notification: dict[str, Any]) -> Iterator[StoredObject]:
    """`s3:TestEvent`, which S3 sends when the notification is configured, has no records."""
    for record in notification.get("Records", []):
        if not str(record.get("eventName", "")).removeprefix("s3:").startswith("ObjectCreated"):
            continue
        stored = record["s3"]["object"]
        yield StoredObject(
            bucket=record["s3"]["bucket"]["name"],
            key=unquote_plus(stored["key"]),
            etag=str(stored.get("eTag", "")).strip('"') or None,
            size=int(stored.get("size", 0)),
        )
