"""Short-lived answers: made once however many ask for them, and nobody waits for a store that is down.

A write drops all of them in its own process; elsewhere they live on for a second or so, and whoever has written is not
given any (docs/decisions/0046). So there is no list of what a write would have to drop, and none to be wrong.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Protocol

type Make = Callable[[], Awaitable[bytes]]


class Store(Protocol):
    """Answers that several processes share. It never raises: a store that is down has nothing."""

    async def get(self, key: str) -> tuple[bytes, float] | None:
        """The value, and for how many seconds more it may be used."""

    async def put(self, key: str, value: bytes, life_s: float) -> None: ...


class Cache[Entry]:
    """`build` makes of the bytes what is kept, once. `most_bytes` counts the bytes alone; what was used longest ago goes first."""

    def __init__(
        self, build: Callable[[bytes], Entry], *, life_s: float, most_bytes: int, store: Store | None = None
    ) -> None:
        self._build, self._life_s, self._most, self._store = build, life_s, most_bytes, store
        self._kept: OrderedDict[str, tuple[float, int, Entry]] = OrderedDict()
        self._size = 0
        self._making: dict[str, asyncio.Task[Entry]] = {}
        self._drops = 0

    def drop(self) -> None:
        """All of it. What is being made now may be old already: nobody who asks from now on gets it."""
        self._drops += 1
        self._kept.clear()
        self._size = 0
        self._making.clear()

    def fresh(self, key: str) -> Entry | None:
        found = self._kept.get(key)
        if found is None or found[0] <= time.monotonic():
            return None
        self._kept.move_to_end(key)
        return found[2]

    async def get(self, key: str, make: Make) -> Entry:
        """Whatever `make` raises is raised for all who wait for it, and not kept."""
        found = self.fresh(key)
        if found is not None:
            return found
        if self._life_s <= 0:
            return self._build(await make())
        task = self._making.get(key)
        if task is None:
            # A task of its own: the request that happens to begin may be cancelled, and the others must not be.
            task = self._making[key] = asyncio.create_task(self._made(key, make))
            task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)

    def _forget(self, key: str, done: asyncio.Task[Entry]) -> None:
        if self._making.get(key) is done:
            del self._making[key]

    async def _made(self, key: str, make: Make) -> Entry:
        drops = self._drops
        stored = await self._store.get(key) if self._store else None
        if stored is not None:
            return self._keep(key, *stored, drops)
        # The life begins before it is made: it is as old as what it was made from.
        began = time.monotonic()
        value = await make()
        left_s = self._life_s - (time.monotonic() - began)
        if self._store and left_s > 0 and drops == self._drops:
            await self._store.put(key, value, left_s)
        return self._keep(key, value, left_s, drops)

    def _keep(self, key: str, value: bytes, life_s: float, drops: int) -> Entry:
        entry = self._build(value)
        if drops != self._drops:
            return entry
        if (old := self._kept.pop(key, None)) is not None:
            self._size -= old[1]
        self._kept[key] = (time.monotonic() + life_s, len(value), entry)
        self._size += len(value)
        while self._size > self._most:
            _, (_, size, _) = self._kept.popitem(last=False)
            self._size -= size
        return entry
