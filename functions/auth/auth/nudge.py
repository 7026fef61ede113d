"""After the reply, what a request has queued is seen to at once and not only when the schedule comes round."""

import asyncio
import logging

from auth import outbox
from common.settings import settings

_log = logging.getLogger("artel.auth")


def _invoke(function: str) -> None:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        boto3.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=b"{}")
    except (BotoCoreError, ClientError):
        # What was queued is stored, and the schedule comes round in a minute.
        _log.exception("the background function was not called")


async def nudge() -> None:
    """For a background task. On Lambda a sandbox sleeps after its reply, so another function does the work there."""
    function = settings().background_function
    if function is None:
        await outbox.deliver()
    else:
        await asyncio.to_thread(_invoke, function)
