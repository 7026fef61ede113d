"""Limits that hold over any number of processes: counters in PostgreSQL, committed before anything is spent.

A window is fixed: it begins with the first hit and ends by itself, whatever comes in between, so that nobody is locked
out for ever by somebody else's tries.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from auth.errors import TooManyRequests
from auth.secret_keys import key_for
from common.db import transaction
from common.settings import ConfigurationError, settings

_MINUTE, _HOUR = 60, 3600
_DEFAULTS = {
    "login-pair": (5, 15 * _MINUTE),
    "login-device": (5, 15 * _MINUTE),
    "login-account": (20, _HOUR),
    "login-address": (50, 15 * _MINUTE),
    "register": (5, _HOUR),
    "forgot": (5, _HOUR),
    "forgot-account": (5, _HOUR),
    "resend": (5, _HOUR),
    "resend-account": (5, _HOUR),
    "change-email": (5, _HOUR),
    "password": (10, 15 * _MINUTE),
    "passkey": (100, 15 * _MINUTE),
    "exchange": (60, _MINUTE),
    "exchange-address": (300, _MINUTE),
    "code": (20, _HOUR),
    "external": (30, 15 * _MINUTE),
    "export": (5, 24 * _HOUR),
    "handle": (20, _HOUR),
}
"""Hits and seconds. `RATE_LIMITS=register=100/3600,forgot=20/3600` sets some of them anew."""

_HIT = text("SELECT auth.hit(:keys, :allowed, :seconds)")
_GIVE_BACK = text("UPDATE auth.limits SET hits = greatest(hits - 1, 0) WHERE key = ANY(:keys) AND window_ends > now()")


@dataclass(frozen=True, slots=True)
class Limit:
    """`name` is one of the table above, `of` what is counted: an address, an account, both."""

    name: str
    of: tuple[str, ...]


@cache
def _configured(given: str) -> dict[str, tuple[int, int]]:
    found = dict(_DEFAULTS)
    for part in filter(None, (part.strip() for part in given.split(","))):
        name, _, value = part.partition("=")
        hits, _, seconds = value.partition("/")
        if name not in _DEFAULTS or not hits.isdecimal() or not seconds.isdecimal():
            raise ConfigurationError(f"RATE_LIMITS: {part!r} is not name=hits/seconds; names: {', '.join(_DEFAULTS)}")
        found[name] = (int(hits), int(seconds))
    return found


def network(address: str) -> str:
    """What one subscriber has: an IPv4 address, or a /64 of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:  # noqa: PLR2004 - IPv4
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(mapped or ipaddress.ip_network((parsed.packed, 64), strict=False))


async def _key(session: AsyncSession, limit: Limit) -> bytes:
    message = "\0".join((limit.name, *limit.of)).encode("utf-8", "surrogatepass")
    return hmac.digest(await key_for(session, "limits"), message, hashlib.sha256)


async def count(session: AsyncSession, *limits: Limit) -> None:
    """Count one more of each, in this order, up to the first that is used up. Raises TooManyRequests.

    For a transaction that is over before the work begins: that may take long, and may fail.
    """
    rates = [_configured(settings().rate_limits)[limit.name] for limit in limits]
    order = {
        "keys": [await _key(session, limit) for limit in limits],
        "allowed": [hits for hits, _ in rates],
        "seconds": [seconds for _, seconds in rates],
    }
    wait = await session.scalar(_HIT, order)
    if wait is not None:
        raise TooManyRequests(headers={"Retry-After": str(wait)}, keep=True)


async def hit(*limits: Limit) -> None:
    """`count` in a transaction of its own."""
    async with transaction("auth", beside=True) as session:
        await count(session, *limits)


async def give_back(session: AsyncSession, limits: Iterable[Limit]) -> None:
    """The hit was an honest one."""
    await session.execute(_GIVE_BACK, {"keys": [await _key(session, limit) for limit in limits]})
