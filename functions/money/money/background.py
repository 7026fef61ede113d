"""What is due without anybody's asking: folding, sealing, telling, sweeping, checking.

Any number of processes may do this at the same time, and be killed in the middle of it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from money import upkeep
from money.webhooks import queue
from money.webhooks.delivering import deliver

_log = logging.getLogger("artel.money")

# What somebody waits for comes first, what may take long last.
_JOBS: tuple[Callable[[], Awaitable[object]], ...] = (
    upkeep.publish,
    queue.announce,
    upkeep.fold,
    upkeep.sweep_holds,
    upkeep.forget_events,
)
_AGAIN_S = 2.0


async def run_due() -> None:
    """One job after the other; each has its own transactions, and is done though another has failed.

    Webhooks are sent after the first round, and the jobs are done again and again until that has ended: a receiver that takes
    its time keeps nobody else waiting. Raises an ExceptionGroup of what went wrong, at the end.
    """
    problems = await _round()
    sending = asyncio.create_task(deliver())
    try:
        while not (await asyncio.wait({sending}, timeout=_AGAIN_S))[0]:
            problems += await _round()
    finally:
        sending.cancel()
    problems += await _failed(sending)
    if problems:
        raise ExceptionGroup("background work failed", problems)


async def _round() -> list[Exception]:
    problems = []
    for job in _JOBS:
        problems += await _failed(job())
    return problems


async def _failed(work: Awaitable[object]) -> list[Exception]:
    name = getattr(work, "__qualname__", "deliver")
    (outcome,) = await asyncio.gather(work, return_exceptions=True)
    if isinstance(outcome, Exception):
        _log.error("background work failed", exc_info=outcome, extra={"job": name})
        return [outcome]
    if isinstance(outcome, BaseException):
        raise outcome
    return []
