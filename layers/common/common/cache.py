"""What many ask for is made once: a short, bounded cache in the process, in which one maker works for all who wait."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from common.shared_cache import SharedCache, Stamp

MOST_BYTES = 32 * 1024 * 1024
_ENTRY_BYTES = 600
"""Of an entry beside its value: key, objects and the place in the table, roughly."""


@dataclass(frozen=True, slots=True)
class _Entry:
    value: bytes
    ends: float
    size: int


class Cache:
    """Bytes that are true for seconds. `shared` is asked before a value is made, and told of it after.

    A write calls `drop`, after its commit: everything made before is forgotten, since nobody can name all the lists that a
    new thing enters. What is being made at that moment began before the write: those who wait get it, and nobody else.
    """

    def __init__(self, shared: SharedCache | None = None, most_bytes: int = MOST_BYTES) -> None:
        self._shared, self._most_bytes = shared, most_bytes
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._flights: dict[str, asyncio.Task[bytes]] = {}
        self._generation = 0
        self.size = 0

    def peek(self, key: str) -> bytes | None:
        """What is here and still true: no waiting, no other machine."""
        entry = self._entries.get(key)
        if entry is None or entry.ends <= time.monotonic():
            return None
        self._entries.move_to_end(key)
        return entry.value

    async def get(self, key: str, life_s: float, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """One `make` for all who wait. When it raises, each of them has the error, and the next to come tries again."""
        found = self.peek(key)
        if found is not None:
            return found
        flight = self._flights.get(key)
        if flight is None:
            # A task of its own: the request that happens to begin may be cancelled, and the others must not be.
            flight = asyncio.create_task(self._fetch(key, life_s, make))
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(flight)

    async def drop(self) -> None:
        """Forget everything, here and in the shared cache. Never before the commit: the old would be cached again."""
        self._generation += 1
        self._entries.clear()
        self._flights.clear()
        self.size = 0
        if self._shared is not None:
            await self._shared.drop()

    async def _fetch(self, key: str, life_s: float, make: Callable[[], Awaitable[bytes]]) -> bytes:
        generation, stamp = self._generation, None
        if self._shared is not None:
            value, left_s, stamp = await self._shared.read(key)
            if value is not None:
                self._keep(key, value, time.monotonic() + min(left_s, life_s), generation)
                return value
        # From here on the value grows old: what a query sees is what was true when it began.
        ends = time.monotonic() + life_s
        value = await make()
        self._keep(key, value, ends, generation)
        if self._shared is not None and stamp is not None:
            await self._share(self._shared, key, value, ends, stamp)
        return value

    async def _share(self, shared: SharedCache, key: str, value: bytes, ends: float, stamp: Stamp) -> None:
        left_s = ends - time.monotonic()
        if left_s > 0:
            await shared.write(key, value, left_s, stamp)

    def _landed(self, key: str, flight: "asyncio.Task[bytes]") -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if not flight.cancelled():
            flight.exception()  # all who waited may be gone: then nobody else looks at it

    def _keep(self, key: str, value: bytes, ends: float, generation: int) -> None:
        size = len(value) + len(key) + _ENTRY_BYTES
        if generation != self._generation or size > self._most_bytes // 8:
            return
        self._remove(key)
        self._entries[key] = _Entry(value, ends, size)
        self.size += size
        now = time.monotonic()
        while self.size > self._most_bytes or (self._entries and next(iter(self._entries.values())).ends <= now):
            self._remove(next(iter(self._entries)))

    def _remove(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.size -= entry.size


class Freshest:
    """For who must see what is true now: the work begins after one has come, and those who come meanwhile share the next.

    So there are never more than two of a kind on their way, however many ask.
    """

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[bytes]] = {}
        self._next: dict[str, asyncio.Task[bytes]] = {}

    async def get(self, key: str, make: Callable[[], Awaitable[bytes]]) -> bytes:
        waiting = self._next.get(key)
        if waiting is None:
            waiting = asyncio.create_task(self._work(key, self._running.get(key), make))
            self._next[key] = waiting
            waiting.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(waiting)

    async def _work(
        self, key: str, before: "asyncio.Task[bytes] | None", make: Callable[[], Awaitable[bytes]]
    ) -> bytes:
        if before is not None:
            await asyncio.wait([before])
        # Nobody may join any more: what they have just written might not be seen.
        self._running[key] = self._next.pop(key)
        return await make()

    def _landed(self, key: str, flight: "asyncio.Task[bytes]") -> None:
        if self._running.get(key) is flight:
            del self._running[key]
        if not flight.cancelled():
            flight.exception()
