"""Who holds which role, and that an administrator is always left."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.errors import LastAdministrator, UnknownRole
from common.models.auth import User
from common.scopes import OF_ROLE

ADMIN = "admin"
EVERYBODYS = "user"


def known(roles: Iterable[str]) -> list[str]:
    """In one order, without repeats, and always with that of everybody. Raises UnknownRole."""
    wanted = {*roles, EVERYBODYS}
    if not wanted <= OF_ROLE.keys():
        raise UnknownRole
    return [role for role in OF_ROLE if role in wanted]


async def keep_an_administrator(session: AsyncSession, user_id: UUID) -> None:
    """To be asked before this one goes, and before anybody else is locked. Raises LastAdministrator.

    All administrators are locked, in one order: of the last two that go at the same moment one stays, and neither waits
    for what the other holds.
    """
    active = select(User.id).where(User.roles.contains([ADMIN]), User.disabled_at.is_(None), User.deleted_at.is_(None))
    left = (await session.scalars(active.order_by(User.id).with_for_update(key_share=True))).all()
    if left == [user_id]:
        raise LastAdministrator
