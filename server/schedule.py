"""What EventBridge and Lambda do on AWS: the groups' background work again and again, in threads beside whatever else runs
here."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable

_EVERY_S = 2.0
_AFTER_A_FAILURE_S = 15.0
_log = logging.getLogger("artel.worker")


async def _of_auth() -> None:
    from auth.background import run_due

    await run_due()


async def _of_money() -> None:
    from money.background import run_due

    await run_due()


async def _of_posts() -> None:
    from posts.background import run_due

    await run_due()


async def _of_analytics() -> None:
    from analytics.background import run_due

    await run_due()


def start_all() -> None:
    for run_due in (_of_auth, _of_money, _of_posts, _of_analytics):
        start(run_due)


def start(run_due: Callable[[], Awaitable[None]], every_s: float = _EVERY_S) -> None:
    """The thread has an event loop of its own, which its group's database pool is bound to, and ends with the process.

    At any moment: what is under way is taken up again by whoever comes next.
    """
    threading.Thread(target=lambda: asyncio.run(forever(run_due, every_s)), name="schedule", daemon=True).start()


async def forever(run_due: Callable[[], Awaitable[None]], every_s: float) -> None:
    while True:
        (problem,) = await asyncio.gather(run_due(), return_exceptions=True)
        if problem is None:
            await asyncio.sleep(every_s)
        elif isinstance(problem, Exception):
            _log.error("the schedule goes on after a failure", exc_info=problem)
            await asyncio.sleep(max(every_s, _AFTER_A_FAILURE_S))
        else:
            raise problem
