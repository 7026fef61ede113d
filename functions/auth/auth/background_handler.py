"""AWS Lambda's way in for what no request waits for: each minute by a schedule, at once by auth.nudge, and for operators.

{}                                                                  what is due
{"task": "grant-role", "email": "ada@example.org", "role": "admin"}
{"task": "rotate-keys"}                                             after a theft with "wait_s": 0, "keep_s": 600
"""

import asyncio
from datetime import timedelta
from functools import cache
from typing import Any

from common.logs import configure_logs
from common.settings import settings


class UnknownTask(ValueError):
    """The event names a task that there is not."""


def handler(event: dict[str, Any], context: object) -> None:  # noqa: ARG001 - Lambda passes both
    """Raises what went wrong, so that it is counted as an error of the function."""
    configure_logs(settings().log_level)
    _loop().run_until_complete(act(event))


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One loop for the life of the sandbox, because the database pool is bound to it."""
    return asyncio.new_event_loop()


async def act(event: dict[str, Any]) -> None:
    match event.get("task"):
        case None:
            from auth.background import run_due

            await run_due()
        case "grant-role":
            from auth.appointment import appoint

            await appoint(event["email"], event["role"])
        case "rotate-keys":
            from auth.key_rotation import rotate

            given = {name: event[f"{name}_s"] for name in ("wait", "keep") if f"{name}_s" in event}
            await rotate(**{name: timedelta(seconds=seconds) for name, seconds in given.items()})
        case other:
            raise UnknownTask(f"{other!r}: there are grant-role and rotate-keys")
