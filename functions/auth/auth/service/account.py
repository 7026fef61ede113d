"""A person's own account."""

from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit
from auth.client import Client
from auth.schemas.account import Me, MeUpdate
from common.errors import Unauthorized
from common.models.auth import User


async def of(session: AsyncSession, user_id: UUID) -> User:
    user = await session.get(User, user_id)
    if user is None:  # erased between the identity check and here
        raise Unauthorized
    return user


def read(user: User) -> Me:
    return Me(
        id=user.id,
        email=user.email,
        display_name=user.display_name,
        locale="ru" if user.locale == "ru" else "en",
        roles=user.roles,
        email_verified=user.email_verified_at is not None,
        created_at=user.created_at,
    )


async def update_me(session: AsyncSession, user_id: UUID, change: MeUpdate, client: Client) -> Me:
    """Fields left out stay as they are."""
    values = change.model_dump(exclude_none=True)
    if values:
        await session.execute(update(User).where(User.id == user_id).values(**values, updated_at=func.now()))
        await audit.note(session, "profile_changed", user_id, client, fields=sorted(values))
    return read(await of(session, user_id))
