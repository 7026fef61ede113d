"""What was sent to a person and waits: it goes to who turns up, or back when its time is over."""

from sqlalchemy import text

from money import one_by_one

_DELIVERABLE = text("SELECT transfer FROM money.deliverable(:most) AS transfer")
_DELIVER = text("SELECT money.deliver(:transfer)")
_OVERDUE = text("SELECT transfer FROM money.overdue_claims(:most) AS transfer")
_GIVE_BACK = text("SELECT money.give_back(:transfer)")


async def deliver() -> int:
    """Returns how many transfers have reached somebody."""
    return await one_by_one.each(_DELIVERABLE, _DELIVER)


async def give_back() -> int:
    """Returns how many have gone back to their senders."""
    return await one_by_one.each(_OVERDUE, _GIVE_BACK)
