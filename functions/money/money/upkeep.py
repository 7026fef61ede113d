"""The ledger's own background work: each is one call of a function of the database, in short transactions."""

import logging

from sqlalchemy import text

from common.batches import in_batches
from common.db import transaction

_log = logging.getLogger("artel.money")
_PUBLISH = text("SELECT sealed, last_position, last_hash FROM money.publish(:most)")
_FOLD = text("SELECT money.fold_all()")
_SWEEP = text("SELECT money.sweep_holds()")
_SWEEP_QUOTES = text("SELECT money.sweep_quotes()")
_FORGET = text("SELECT money.forget_events(:most)")
_MOST = 2000


async def publish() -> int:
    """Seal what was posted and tell whom it concerns. The end of the chain goes into the log: whoever keeps that can tell
    later that nothing was cut off. Returns how many transactions."""
    sealed = 0
    while True:
        async with transaction("money") as session:
            done = (await session.execute(_PUBLISH, {"most": _MOST})).one()
        sealed += int(done.sealed)
        if done.sealed:
            _log.info("sealed", extra={"position": done.last_position, "hash": done.last_hash.hex()})
        if done.sealed < _MOST:
            return sealed


async def fold() -> int:
    """Give what hot accounts got its place in their histories. Returns how many accounts."""
    async with transaction("money") as session:
        folded: int | None = await session.scalar(_FOLD)
    return folded or 0


async def sweep_holds() -> int:
    """Put away holds whose time is over. Returns on how many accounts."""
    async with transaction("money") as session:
        swept: int | None = await session.scalar(_SWEEP)
    return swept or 0


async def sweep_quotes() -> int:
    """Forget offers to exchange that nobody took. Returns how many."""
    async with transaction("money") as session:
        swept: int | None = await session.scalar(_SWEEP_QUOTES)
    return swept or 0


async def forget_events() -> int:
    """Put away events of more than 90 days ago, and their deliveries. Returns how many."""
    return await in_batches("money", _FORGET, _MOST)
