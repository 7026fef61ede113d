"""What changes who can get into an account wants a sign-in of a short while ago."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.errors import ReauthenticationRequired
from common.db import DbSession
from common.identity import RequireScope, User
from common.models.auth import Session

RECENT = timedelta(minutes=15)

Self = Annotated[User, RequireScope("profile")]
"""The account's owner, with a token that may change the account."""


async def is_recent(session: AsyncSession, session_id: UUID) -> bool:
    """Never by a personal token, however fresh: whoever found one must not be able to take the account over."""
    lately = select(Session.id).where(
        Session.id == session_id,
        Session.personal_token_id.is_(None),
        Session.created_at > func.now() - RECENT,
    )
    return await session.scalar(lately) is not None


async def _recent(user: Self, session: DbSession) -> User:
    if not await is_recent(session, user.session_id):
        raise ReauthenticationRequired
    return user


RecentlyIn = Annotated[User, Depends(_recent)]


async def _recent_administrator(user: Annotated[User, RequireScope("admin")], session: DbSession) -> User:
    return await _recent(user, session)


RecentAdministrator = Annotated[User, Depends(_recent_administrator)]
