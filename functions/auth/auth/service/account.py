"""A person's own account."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, limits
from auth.client import Client
from auth.errors import HandleTaken
from auth.schemas.account import Me, MeUpdate
from common.errors import Unauthorized
from common.models.auth import User

_PRIVATE = ("full_name", "about", "phone", "birth_date", "country", "city", "time_zone")


async def of(session: AsyncSession, user_id: UUID) -> User:
    user = await session.get(User, user_id)
    if user is None:  # erased between the identity check and here
        raise Unauthorized
    return user


def avatar_url(avatar_id: UUID | None) -> str | None:
    return f"/v1/auth/avatars/{avatar_id}" if avatar_id else None


def read(user: User, *, whole: bool = True) -> Me:
    """`whole=False`: without what only the person's own page needs."""
    return Me(
        id=user.id,
        email=user.email,
        display_name=user.display_name,
        locale="ru" if user.locale == "ru" else "en",
        roles=user.roles,
        email_verified=user.email_verified_at is not None,
        has_password=user.password_hash is not None,
        avatar_url=avatar_url(user.avatar_id),
        created_at=user.created_at,
        handle=user.handle,
        **{name: getattr(user, name) for name in _PRIVATE if whole},
    )


async def update_me(session: AsyncSession, user_id: UUID, change: MeUpdate, client: Client) -> Me:
    """Fields left out stay as they are; null clears one. Raises HandleTaken, and TooManyRequests when handles are guessed."""
    values = change.model_dump(exclude_unset=True)
    if values.get("handle"):
        await limits.hit(limits.Limit("handle", (str(user_id),)))
    if values:
        await _write(session, user_id, values)
        await audit.note(session, "profile_changed", user_id, client, fields=sorted(values))
    return read(await of(session, user_id))


async def _write(session: AsyncSession, user_id: UUID, values: dict[str, Any]) -> None:
    try:
        async with session.begin_nested():
            await session.execute(update(User).where(User.id == user_id).values(**values, updated_at=func.now()))
    except IntegrityError as error:
        if "uq_users_handle" not in str(error.orig):
            raise
        raise HandleTaken from None
