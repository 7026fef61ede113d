"""Work that nobody waits for, one job after the other."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

_log = logging.getLogger("artel.background")

type Job = Callable[[], Awaitable[object]]


async def failures(jobs: Iterable[Job]) -> list[Exception]:
    """Do each, though another has failed. Returns what went wrong, which is in the log by then."""
    problems: list[Exception] = []
    for job in jobs:
        (outcome,) = await asyncio.gather(job(), return_exceptions=True)
        if isinstance(outcome, Exception):
            _log.error("background work failed", exc_info=outcome, extra={"job": job.__name__})
            problems.append(outcome)
        elif isinstance(outcome, BaseException):
            raise outcome
    return problems


async def run_each(jobs: Iterable[Job]) -> None:
    """Raises an ExceptionGroup of what went wrong, at the end."""
    problems = await failures(jobs)
    if problems:
        raise ExceptionGroup("background work failed", problems)
