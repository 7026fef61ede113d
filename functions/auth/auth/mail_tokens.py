"""The tokens in letters: each works once, until its time is over or a newer letter of its kind is written."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth import opaque_tokens
from auth.errors import InvalidMailToken
from common.models.auth_proofs import MailToken

type Purpose = Literal["verify", "reset", "change", "restore"]

VERIFY_LIFE = timedelta(hours=48)
RESET_LIFE = timedelta(hours=1)
CHANGE_LIFE = timedelta(hours=24)


async def issue(session: AsyncSession, purpose: Purpose, user_id: UUID, email: str, life: timedelta) -> str:
    """The token; older ones of this purpose and person are void from now on."""
    await forget(session, purpose, user_id)
    secret, secret_hash = opaque_tokens.new_secret()
    made = MailToken(
        purpose=purpose, user_id=user_id, email=email, secret_hash=secret_hash, expires_at=func.now() + life
    )
    session.add(made)
    await session.flush()
    return opaque_tokens.write(made.id, secret)


async def look_up(session: AsyncSession, purpose: Purpose, token: str) -> MailToken:
    """Without spending it. Raises InvalidMailToken."""
    parsed = opaque_tokens.parse(token)
    if parsed is None:
        raise InvalidMailToken
    alive = (MailToken.id == parsed.id, MailToken.purpose == purpose, MailToken.expires_at > func.now())
    found = await session.scalar(select(MailToken).where(*alive))
    if found is None or not parsed.matches(found.secret_hash):
        raise InvalidMailToken
    return found


async def redeem(session: AsyncSession, purpose: Purpose, token: str) -> MailToken:
    """Of two who come with the same token one gets it. Raises InvalidMailToken."""
    parsed = opaque_tokens.parse(token)
    if parsed is None:
        raise InvalidMailToken
    spent: MailToken | None = await session.scalar(
        delete(MailToken)
        .where(MailToken.id == parsed.id, MailToken.purpose == purpose, MailToken.expires_at > func.now())
        .returning(MailToken)
    )
    # A wrong secret raises, and what was deleted comes back with the transaction.
    if spent is None or not parsed.matches(spent.secret_hash):
        raise InvalidMailToken
    return spent


async def forget(session: AsyncSession, purpose: Purpose, user_id: UUID) -> None:
    await session.execute(delete(MailToken).where(MailToken.user_id == user_id, MailToken.purpose == purpose))


SAMPLE = opaque_tokens.write(UUID(int=0), bytes(32))
"""As long as a real one."""


async def pretend(session: AsyncSession, purpose: Purpose) -> None:
    """What `issue` costs, for nobody: the same look-up and a row that is never kept."""
    await forget(session, purpose, UUID(int=0))
    await session.execute(delete(MailToken).where(MailToken.id == UUID(int=0)))
