"""What is due without anybody's asking: folding, sealing, telling, sweeping, checking.

Any number of processes may do this at the same time, and be killed in the middle of it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from money import upkeep

_log = logging.getLogger("artel.money")

# What somebody waits for comes first, what may take long last.
_JOBS: tuple[Callable[[], Awaitable[object]], ...] = (
    upkeep.publish,
    upkeep.fold,
    upkeep.sweep_holds,
    upkeep.sweep_quotes,
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
