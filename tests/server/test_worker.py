"""The worker keeps the queue's promises: done is deleted, failed is kept, long work is not handed out twice. Beside it,
and where there is no queue without it, the schedule goes on.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from server import schedule, worker
from server.worker import Worker
from tests.conftest import copy_database

CHECKOUT = Path(__file__).parents[2]


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


def test_the_schedule_goes_on_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "_AFTER_A_FAILURE_S", 0.0)
    runs: list[int] = []
    enough = threading.Event()

    async def run_due() -> None:
        runs.append(len(runs))
        if len(runs) == 1:
            raise ExceptionGroup("background work failed", [ValueError("once")])
        if len(runs) == 4:
            enough.set()

    schedule.start(run_due, 0.001)
    assert enough.wait(20)


def test_without_a_queue_letters_go_out_and_a_signal_ends_it(worker_id: str) -> None:
    url = make_url(copy_database(f"artel_worker_{worker_id}"))
    with psycopg.connect(user=url.username, dbname=url.database, host=str(url.query["host"]), autocommit=True) as owner:
        owner.execute("INSERT INTO auth.mails (recipient, subject, text, html) VALUES ('a@b.example', 's', 't', '')")
        environment = {
            "PATH": os.environ["PATH"],
            **{name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ},
            "PYTHONDONTWRITEBYTECODE": "1",
            "DATABASE_URL": url.render_as_string(hide_password=False),
        }
        command = [sys.executable, "-m", "server.worker"]
        with subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout
                first = process.stdout.readline()
                while owner.execute("SELECT FROM auth.mails").fetchone() is not None:
                    assert process.poll() is None
                    time.sleep(0.05)
                process.send_signal(signal.SIGTERM)
                assert process.wait(timeout=20) == 0
            finally:
                process.kill()
    assert "UPLOADS_QUEUE_URL is not set" in first
