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


async def keep_an_administrator(session: AsyncSession, user: User) -> None:
    """To be asked before this one goes. Raises LastAdministrator.

    All administrators are locked, so that of the last two one stays though both go at the same moment.
    """
    if ADMIN not in user.roles:
        return
    active = select(User.id).where(User.roles.contains([ADMIN]), User.disabled_at.is_(None), User.deleted_at.is_(None))
    left: set[UUID] = set((await session.scalars(active.order_by(User.id).with_for_update())).all())
    if left <= {user.id}:
        raise LastAdministrator
