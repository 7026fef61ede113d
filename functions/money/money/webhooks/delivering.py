"""Events on their way to people's endpoints: several at once, and nobody's slow receiver in everybody's way."""

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from money.webhooks import queue

if TYPE_CHECKING:
    from money.webhooks.queue import Outgoing

_AT_ONCE = 40
_TURN_S = 20.0
"""After this none is taken any more, so that the turn ends half a minute after it began."""
_LOOK_AGAIN_S = 1.0
_log = logging.getLogger("artel.money")


async def deliver() -> int:
    """Send what is due, and what becomes due meanwhile. Returns how many attempts were made.

    Nothing of the database is held while a receiver is waited for. Who is killed meanwhile has it done by another after a
    minute, so that a receiver may get the same event twice, under the same id.
    """
    ends = time.monotonic() + _TURN_S
    made = 0
    running: set[asyncio.Task[None]] = set()
    reporting = asyncio.Semaphore(2)
    taken = await queue.take(_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        while taken or running:
            made += len(taken)
            for outgoing in taken:
                task = group.create_task(_deliver(outgoing, reporting))
                running.add(task)
                task.add_done_callback(running.discard)
            await asyncio.wait(running, timeout=_LOOK_AGAIN_S, return_when=asyncio.FIRST_COMPLETED)
            free = _AT_ONCE - len(running)
            taken = await queue.take(free) if free and time.monotonic() < ends else []
    return made


async def _deliver(outgoing: "Outgoing", reporting: asyncio.Semaphore) -> None:
    from money.webhooks.sending import send  # and with it httpx

    (answer,) = await asyncio.gather(send(outgoing), return_exceptions=True)
    if isinstance(answer, Exception):
        # Our own mistake with one of them must not end the turn of all.
        _log.error("a webhook could not be sent", exc_info=answer, extra={"delivery": str(outgoing.id)})
        answer = queue.Answer(None, error="Something went wrong on our side.")
    elif isinstance(answer, BaseException):
        raise answer
    if not answer.succeeded:
        _log.info(
            "a webhook failed",
            extra={
                "delivery": str(outgoing.id),
                "attempt": outgoing.attempt,
                "status": answer.status,
                "why": answer.error,
            },
        )
    async with reporting:
        await queue.report(outgoing, answer)
