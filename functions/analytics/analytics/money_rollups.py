"""Keeping the sums of what the ledger did. The summing is a function of the database, see revision 0019."""

from sqlalchemy import text

from common.db import transaction

_ROLL_UP = text("SELECT analytics.roll_up(:most)")
_MOST = 2000


async def roll_up() -> int:
    """Count all that was sealed since, in short transactions. Returns how many transactions of the ledger."""
    counted = 0
    while True:
        async with transaction("analytics") as session:
            some = int(await session.scalar(_ROLL_UP, {"most": _MOST}) or 0)
        counted += some
        if some < _MOST:
            return counted
