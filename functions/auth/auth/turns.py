"""So many sign-ins are worked on at once; the others wait for their turn and hold nothing meanwhile.

Without it they would all look their account up first and wait for each other's connections, which the hashing leaves
little time for; with it a process answers hundreds at once, each in its turn (tests/bench/sign_in.py).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from auth.errors import TooManySignIns

_AT_ONCE = 8
"""Twice the hashes at once: while four are hashed, four speak to the database."""
_WAITING = 500
"""At some thirty a second on two cores, who came after these would get no answer before the gateway gives up."""


@cache
def _gate() -> asyncio.Semaphore:
    return asyncio.Semaphore(_AT_ONCE)


_waiting = 0


@asynccontextmanager
async def turn() -> AsyncIterator[None]:
    """Raises TooManySignIns when the queue is as long as can be served."""
    global _waiting  # noqa: PLW0603 - of this process, and of no matter to any other
    if _waiting >= _WAITING:
        raise TooManySignIns
    _waiting += 1
    try:
        await _gate().acquire()
    finally:
        _waiting -= 1
    try:
        yield
    finally:
        _gate().release()
