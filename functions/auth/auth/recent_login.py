"""What changes who can get into an account wants a sign-in of a short while ago."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends
from sqlalchemy import func, select

from auth.errors import ReauthenticationRequired
from common.db import DbSession
from common.identity import RequireScope, User
from common.models.auth import Session

RECENT = timedelta(minutes=15)

Self = Annotated[User, RequireScope("profile")]
"""The account's owner, with a token that may change the account."""


async def _recent(user: Self, session: DbSession) -> User:
    """Never by a personal token, however fresh: whoever found one must not be able to take the account over."""
    signed_in_lately = select(Session.id).where(
        Session.id == user.session_id,
        Session.personal_token_id.is_(None),
        Session.created_at > func.now() - RECENT,
    )
    if await session.scalar(signed_in_lately) is None:
        raise ReauthenticationRequired
    return user


RecentlyIn = Annotated[User, Depends(_recent)]
