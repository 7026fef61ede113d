"""Codes of an authenticator app (RFC 6238)."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.auth_proofs import Totp


async def is_on(session: AsyncSession, user_id: UUID) -> bool:
    confirmed = select(Totp.user_id).where(Totp.user_id == user_id, Totp.confirmed_at.is_not(None))
    return await session.scalar(confirmed) is not None
