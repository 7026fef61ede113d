"""Argon2id through libpass, off the event loop and a bounded number at a time (46 MiB each)."""

import asyncio
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from passlib.context import CryptContext

# OWASP's first choice for one lane; libpass measures 93 ms for it on the reference machine.
_MEMORY_KIB = 47104
_SIMULTANEOUS = 4
NOBODY = "$argon2id$v=19$m=47104,t=1,p=1$JCRkjHGu9Z4zhpByDqEUQg$zwS6/Bg79hdsh49g9wHoXXO57vX6Gla6fSNh/Yhr1I8"
"""Checked for accounts that are not there, at the cost of a real one. Written down, since making it takes a hash more."""


@cache
def _context() -> "CryptContext":
    from passlib.context import CryptContext

    return CryptContext(
        schemes=["argon2"],
        argon2__type="ID",
        argon2__memory_cost=_MEMORY_KIB,
        argon2__time_cost=1,
        argon2__parallelism=1,
    )


@cache
def _gate() -> asyncio.Semaphore:
    return asyncio.Semaphore(_SIMULTANEOUS)


def _check(password: str, stored: str | None) -> tuple[bool, str | None]:
    matches, renewed = _context().verify_and_update(password, stored or NOBODY)
    return (bool(matches), renewed) if stored else (False, None)


async def hash_password(password: str) -> str:
    async with _gate():
        return str(await asyncio.to_thread(_context().hash, password))


async def check_password(password: str, stored: str | None) -> tuple[bool, str | None]:
    """(matches, a new hash when the parameters have risen since). `stored=None`: an unknown account costs the same."""
    async with _gate():
        return await asyncio.to_thread(_check, password, stored)
