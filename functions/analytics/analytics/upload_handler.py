"""AWS Lambda's way in for uploads; outside of AWS a worker polls the same queue and calls the same function."""

import asyncio
import logging
import threading
from functools import cache
from typing import Any

from analytics.ingest import ingest
from analytics.upload_events import Message, messages
from common.logs import configure_logs
from common.settings import settings

_log = logging.getLogger("artel.uploads")
_starting = threading.Lock()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda passes both
    """An SQS event (with ReportBatchItemFailures) or a bare S3 event, whose failure is raised."""
    configure_logs(settings().log_level)
    with _starting:
        loop = _loop()
    return asyncio.run_coroutine_threadsafe(process(event), loop).result()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One loop for the life of the process, because the database pool is bound to it. Its thread ends with the process."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="uploads", daemon=True).start()
    return loop


async def process(event: dict[str, Any]) -> dict[str, Any]:
    """One message after the other: each workbook may take most of the memory there is."""
    failures = []
    for message in messages(event):
        (failed,) = await asyncio.gather(_process(message), return_exceptions=True)
        if failed is None:
            continue
        if not message.id or not isinstance(failed, Exception):
            raise failed
        _log.error("upload not processed, will be tried again", exc_info=failed, extra={"message_id": message.id})
        failures.append({"itemIdentifier": message.id})
    return {"batchItemFailures": failures}


async def _process(message: Message) -> None:
    for stored in message.objects:
        await ingest(stored)
