"""What many requests of one process ask of the database at the same moment is asked together, in one round trip.

Nothing waits for company: while one call is on its way, what comes meanwhile goes with the next. Where a process serves
one request at a time, as on Lambda, every call has one item.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.exc import TimeoutError as PoolTimeout

from common.crowds import refuse_if_crowded
from common.errors import ServiceUnavailable


class Gathered[Item, Result]:
    """`run` takes items and returns a result or an exception for each, in the same order.

    When it raises for several at once, each is tried alone: what is wrong with one is not the others' fault. But when there
    was nobody to ask, asking once for each would only make the crowd larger. So many may wait, and then no more: 503.
    """

    def __init__(
        self, run: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]], *, most: int, at_once: int
    ) -> None:
        self._run, self._most, self._at_once = run, most, at_once
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._running: set[asyncio.Task[None]] = set()

    async def __call__(self, item: Item) -> Result:
        refuse_if_crowded(len(self._waiting))
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if len(self._running) < self._at_once:
            # A task of its own: the request that happens to begin may be cancelled, and the others must not be.
            task = asyncio.create_task(self._work())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await future

    async def _work(self) -> None:
        while self._waiting:
            batch = self._waiting[: self._most]
            del self._waiting[: self._most]
            await self._settle(batch)

    async def _settle(self, batch: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        (outcome,) = await asyncio.gather(self._run([item for item, _ in batch]), return_exceptions=True)
        if not isinstance(outcome, BaseException) and len(outcome) != len(batch):
            outcome = RuntimeError(f"{len(outcome)} results for {len(batch)}")
        nobody_asked = isinstance(outcome, ServiceUnavailable | PoolTimeout)
        if isinstance(outcome, Exception) and len(batch) > 1 and not nobody_asked:
            await asyncio.gather(*(self._settle([one]) for one in batch))
            return
        results = [outcome] * len(batch) if isinstance(outcome, BaseException) else outcome
        for (_, future), result in zip(batch, results, strict=True):
            if future.done():  # its request was cancelled
                continue
            if isinstance(result, BaseException):
                future.set_exception(result)
            else:
                future.set_result(result)
