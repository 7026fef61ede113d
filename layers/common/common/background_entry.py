"""How a function that no request waits for begins on Lambda."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from common.logs import configure_logs
from common.settings import settings


def background(act: Callable[[dict[str, Any]], Awaitable[None]]) -> Callable[[dict[str, Any], object], None]:
    """The handler that does this with each event. Raises what went wrong, so that it is counted as the function's error."""

    def handler(event: dict[str, Any], context: object) -> None:  # noqa: ARG001 - Lambda passes both
        configure_logs(settings().log_level)
        _loop().run_until_complete(act(event))

    return handler


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One loop for the life of the sandbox, because the database pool is bound to it."""
    return asyncio.new_event_loop()
