"""AWS Lambda's way in for what no request waits for: each minute by a schedule, at once by auth.nudge, and for operators.

{}                                                                  what is due
{"task": "grant-role", "email": "ada@example.org", "role": "admin"}
{"task": "rotate-keys"}                                             after a theft with "wait_s": 0, "keep_s": 600
"""

from datetime import timedelta
from typing import Any

from common.background_entry import background


class UnknownTask(ValueError):
    """The event names a task that there is not."""


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


handler = background(act)
