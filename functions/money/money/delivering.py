"""What was sent to a person and waits: it goes to who turns up, or back when its time is over."""

from sqlalchemy import text

from common.db import transaction
from money import one_by_one

_NOW = text("SELECT clock_timestamp()")
_ARRIVED = text("SELECT transfer FROM money.arrived(:most) AS transfer")
_FORGET = text("SELECT money.forget_arrivals(:until)")
_MAY_LOOK = text("SELECT money.may_look_through()")
_LEFT_BEHIND = text("SELECT transfer FROM money.left_behind(:most) AS transfer")
_DELIVER = text("SELECT money.deliver(:transfer)")
_OVERDUE = text("SELECT transfer FROM money.overdue_claims(:most) AS transfer")
_GIVE_BACK = text("SELECT money.give_back(:transfer)")


async def deliver() -> int:
    """To those who have come since the last time. Returns how many transfers have reached somebody."""
    async with transaction("money") as session:
        begun = await session.scalar(_NOW)
    done = await one_by_one.each(_ARRIVED, _DELIVER)
    async with transaction("money") as session:
        await session.execute(_FORGET, {"until": begun})
    return done


async def look_through() -> int:
    """All that waits, every ten minutes: nothing is left behind for longer. Returns how many have reached somebody."""
    async with transaction("money") as session:
        may = await session.scalar(_MAY_LOOK)
    return await one_by_one.each(_LEFT_BEHIND, _DELIVER) if may else 0


async def give_back() -> int:
    """Returns how many have gone back to their senders."""
    return await one_by_one.each(_OVERDUE, _GIVE_BACK)
