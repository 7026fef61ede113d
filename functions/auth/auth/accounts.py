"""Finding people."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.auth import User


def email_key(email: str) -> str:
    """Addresses are compared without regard to case, and used as they were given."""
    return email.casefold()


async def by_email(session: AsyncSession, email: str) -> User | None:
    """Disabled, deleted and unverified ones too: who may do what is for the caller to say."""
    return (await session.scalars(select(User).where(User.email_key == email_key(email)))).one_or_none()


def may_sign_in(user: User) -> bool:
    return user.disabled_at is None and user.deleted_at is None
