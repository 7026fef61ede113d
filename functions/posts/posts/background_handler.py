"""AWS Lambda's way in for what no request waits for: each minute by a schedule."""

import asyncio
from functools import cache
from typing import Any

from common.logs import configure_logs
from common.settings import settings


def handler(event: dict[str, Any], context: object) -> None:  # noqa: ARG001 - Lambda passes both
    """Raises what went wrong, so that it is counted as an error of the function."""
    configure_logs(settings().log_level)
    from posts.background import run_due

    _loop().run_until_complete(run_due())


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One loop for the life of the sandbox, because the database pool is bound to it."""
    return asyncio.new_event_loop()
