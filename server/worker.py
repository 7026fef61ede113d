"""What SQS, EventBridge and Lambda do on AWS: `python -m server.worker` polls the uploads queue and calls the same
handler, and does every two seconds what is due in auth and in money. Without a queue it does the latter alone.

A message is deleted when the handler is done with it; one that failed comes back after its visibility timeout, and goes
to the dead letters on the third failure. Both are the queue's own settings.
"""

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from common.logs import configure_logs
from common.settings import ConfigurationError, settings
from server import schedule

Handler = Callable[[dict[str, Any], Any], Any]
_log = logging.getLogger("artel.worker")
_HEARTBEAT_S = 30
_HIDDEN_S = 90


class Worker:
    """One message at a time: a workbook may want all the memory there is."""

    def __init__(self, queue_url: str, handler: Handler, *, wait_s: int = 10) -> None:
        import boto3
        from botocore.config import Config

        self._sqs: Any = boto3.client("sqs", config=Config(read_timeout=wait_s + 20, retries={"mode": "standard"}))
        self._url, self._handler, self._wait_s = queue_url, handler, wait_s
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="handler")
        self.stopping = False
        self._busy = False

    def stop(self, *_signal: object) -> None:
        """After the message at hand; at once when there is none, though it is waiting for one."""
        self.stopping = True
        if not self._busy:
            # No exception: one raised in the middle of an HTTP client's clean-up gets lost there.
            os._exit(0)

    def run(self, keep_on: Callable[[], bool] = lambda: True) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        while keep_on() and not self.stopping:
            try:
                self.poll()
            except (BotoCoreError, ClientError) as error:
                _log.warning("queue is out of reach", extra={"reason": str(error)})
                time.sleep(2)

    def poll(self) -> int:
        """Wait for a message and handle it. Returns how many there were."""
        answer = self._sqs.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=1, WaitTimeSeconds=self._wait_s, AttributeNames=["All"]
        )
        messages = answer.get("Messages", [])
        for message in messages:
            self._busy = True
            if self._succeeds(message):
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            self._busy = False
        return len(messages)

    def _succeeds(self, message: dict[str, Any]) -> bool:
        future = self._pool.submit(self._handler, _event(message), None)
        while not wait([future], timeout=_HEARTBEAT_S).done:
            self._sqs.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=_HIDDEN_S
            )
        error = future.exception()
        if error is not None:
            _log.error("the handler failed", exc_info=error, extra={"message_id": message["MessageId"]})
            return False
        return not (future.result() or {}).get("batchItemFailures")


def _event(message: dict[str, Any]) -> dict[str, Any]:
    """The event of a Lambda function that SQS feeds, with one record."""
    record = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": message.get("MessageAttributes", {}),
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": "",
        "awsRegion": os.environ.get("AWS_REGION", ""),
    }
    return {"Records": [record]}


def _lazy_handler(event: dict[str, Any], context: Any) -> Any:
    """Imported with the first message: until then this process is small."""
    from analytics.upload_handler import handler

    return handler(event, context)


class Idle:
    """Where no workbooks are taken in: only the schedule goes on, in its thread."""

    def stop(self, *_signal: object) -> None:
        os._exit(0)

    def run(self, keep_on: Callable[[], bool] = lambda: True) -> None:
        nothing = threading.Event()
        while keep_on():
            nothing.wait(1)


def _worker(queue_url: str | None, *, with_parent: bool) -> Worker | Idle:
    if queue_url is None:
        _log.warning("UPLOADS_QUEUE_URL is not set: no workbooks are taken in")
        return Idle()
    # The emulator finishes long polls before it stops; nobody should wait for that after Ctrl-C.
    return Worker(queue_url, _lazy_handler, wait_s=1 if with_parent else 20)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--with-parent", action="store_true", help="end when the process that started this one does")
    options = parser.parse_args()
    try:
        configure_logs(settings().log_level)
        url = settings().uploads_queue_url
    except ConfigurationError as error:
        print(f"artel: {error}", file=sys.stderr)
        return os.EX_CONFIG
    worker = _worker(url, with_parent=options.with_parent)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, worker.stop)
    schedule.start_all()
    parent = os.getppid()
    worker.run(lambda: not options.with_parent or os.getppid() == parent)
    return 0


if __name__ == "__main__":
    sys.exit(main())
