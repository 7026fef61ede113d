"""What is due without anybody's asking: letters, exports, erasures, and putting away what has had its time.

Any number of processes may do this at the same time, and be killed in the middle of it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from auth import erasure, export_making, outbox, sweeping

_log = logging.getLogger("artel.auth")


async def _rotate_keys() -> None:
    from auth import key_rotation  # and with it cryptography

    await key_rotation.advance()


# What somebody waits for comes first, what may take minutes last.
_JOBS: tuple[Callable[[], Awaitable[object]], ...] = (
    outbox.deliver,
    _rotate_keys,
    sweeping.sweep,
    sweeping.expire_exports,
    erasure.erase_all,
    export_making.make_all,
)


async def run_due() -> None:
    """One job after the other; each has its own transactions, and is done though another has failed.

    Raises an ExceptionGroup of what went wrong, at the end.
    """
    problems: list[Exception] = []
    for job in _JOBS:
        (outcome,) = await asyncio.gather(job(), return_exceptions=True)
        if isinstance(outcome, Exception):
            _log.error("background work failed", exc_info=outcome, extra={"job": job.__name__})
            problems.append(outcome)
        elif isinstance(outcome, BaseException):
            raise outcome
    if problems:
        raise ExceptionGroup("background work failed", problems)
