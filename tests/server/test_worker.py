"""The worker keeps the queue's promises: done is deleted, failed is kept, long work is not handed out twice."""

import time
from typing import Any

import pytest

from server import worker
from server.worker import Worker


class Queue:
    """As much of boto3's SQS client as the worker uses."""

    def __init__(self, *bodies: str) -> None:
        self.waiting = list(bodies)
        self.deleted: list[str] = []
        self.prolonged: list[str] = []

    def receive_message(self, **_options: Any) -> dict[str, Any]:
        if not self.waiting:
            return {}
        body = self.waiting.pop(0)
        return {"Messages": [{"MessageId": body, "ReceiptHandle": f"handle {body}", "Body": body}]}

    def delete_message(self, *, ReceiptHandle: str, **_options: Any) -> None:  # noqa: N803 - AWS's name
        self.deleted.append(ReceiptHandle)

    def change_message_visibility(self, *, ReceiptHandle: str, **_options: Any) -> None:  # noqa: N803 - AWS's name
        self.prolonged.append(ReceiptHandle)


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    made = Queue("a", "b", "c")
    monkeypatch.setattr("boto3.client", lambda *_args, **_options: made)
    return made


def test_what_is_done_is_deleted_and_what_failed_is_kept(queue: Queue) -> None:
    def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        (record,) = event["Records"]
        assert record["eventSource"] == "aws:sqs"
        if record["body"] == "b":
            return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
        if record["body"] == "c":
            raise ValueError(record["body"])
        return {"batchItemFailures": []}

    made = Worker("queue", handler)
    assert [made.poll() for _ in range(4)] == [1, 1, 1, 0]
    assert queue.deleted == ["handle a"]


def test_a_long_job_keeps_its_message(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_HEARTBEAT_S", 0.05)

    def handler(_event: dict[str, Any], _context: Any) -> None:
        time.sleep(0.2)

    Worker("queue", handler).poll()
    assert len(queue.prolonged) >= 2
    assert queue.deleted == ["handle a"]


def test_it_stops_after_the_message_at_hand(queue: Queue) -> None:
    def handler(_event: dict[str, Any], _context: Any) -> None:
        made.stop()  # as the signal would, in the middle of the work

    made = Worker("queue", handler)
    made.run()
    assert queue.deleted == ["handle a"]
    assert queue.waiting == ["b", "c"]
