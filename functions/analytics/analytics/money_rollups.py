"""Keeping the sums of what the ledger did. The summing is a function of the database, see revision 0019."""

from sqlalchemy import text

from common.batches import in_batches

_ROLL_UP = text("SELECT analytics.roll_up(:most)")
_MOST = 2000


async def roll_up() -> int:
    """Count all that was sealed since, in short transactions. Returns how many transactions of the ledger."""
    return await in_batches("analytics", _ROLL_UP, _MOST)
