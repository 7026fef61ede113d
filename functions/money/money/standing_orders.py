"""Standing orders whose time has come; and requests for payment whose time is over."""

from sqlalchemy import text

from common.db import transaction
from money import one_by_one

_PLAN = text("SELECT money.plan_runs(:most)")
_DUE = text("SELECT recurring_transfer_id, scheduled_on FROM money.due_runs(:most)")
_RUN = text("SELECT money.run_recurring(:recurring_transfer_id, :scheduled_on)")
_EXPIRE = text("SELECT money.expire_requests(:most)")
_MOST = 200


async def run() -> int:
    """Returns how many payments were tried."""
    while await _plan() == _MOST:
        pass
    return await one_by_one.each(_DUE, _RUN)


async def _plan() -> int:
    async with transaction("money") as session:
        return int(await session.scalar(_PLAN, {"most": _MOST}) or 0)


async def expire_requests() -> int:
    """Returns how many."""
    async with transaction("money") as session:
        return int(await session.scalar(_EXPIRE, {"most": _MOST}) or 0)
