"""How many ways into an account there are, lest the last one be removed."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.errors import LastWayIn
from common.models.auth import User
from common.models.auth_proofs import ExternalIdentity, Passkey


async def keep_one(session: AsyncSession, user: User) -> None:
    """To be asked after one was removed, in the same transaction. Raises LastWayIn.

    The account's row was locked before, so that two removals at the same moment see each other.
    """
    if user.password_hash is not None:
        return
    for model in (Passkey, ExternalIdentity):
        if await session.scalar(select(func.count()).where(model.user_id == user.id)):
            return
    raise LastWayIn
