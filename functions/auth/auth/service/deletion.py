"""Leaving, and coming back within thirty days. auth.erasure does what is final."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, letters, links, mail_tokens, outbox, roles, sessions
from auth.accounts import email_key
from auth.client import Client
from auth.erasure import REGRET
from auth.errors import InvalidMailToken, NotConfirmed
from auth.service import account
from common.models.auth import PersonalToken, User
from common.models.auth_records import Export


async def ask(session: AsyncSession, user_id: UUID, confirm: str, client: Client) -> None:
    """Signed out everywhere and hidden at once; a letter has the way back. Raises NotConfirmed, LastAdministrator."""
    user = await account.of(session, user_id)
    if email_key(confirm.strip()) != user.email_key:
        raise NotConfirmed
    await roles.keep_an_administrator(session, user.id)
    user.deleted_at = func.now()
    await sessions.revoke_all(session, user_id)
    tokens = update(PersonalToken).where(PersonalToken.user_id == user_id, PersonalToken.revoked_at.is_(None))
    await session.execute(tokens.values(revoked_at=func.now()))
    under_way = update(Export).where(Export.user_id == user_id, Export.status.in_(("queued", "running")))
    await session.execute(under_way.values(status="failed", finished_at=func.now(), lease_until=None))
    token = await mail_tokens.issue(session, "restore", user_id, user.email, REGRET)
    link, until = links.page("restore-account", token), (datetime.now(UTC) + REGRET).date()
    await outbox.put(session, letters.deletion_asked(user.email, user.display_name, user.locale, link, until))
    await audit.note(session, "deletion_asked", user_id, client)


async def restore(session: AsyncSession, token: str, client: Client) -> None:
    """As it was, but signed out, and personal tokens stay revoked. Raises InvalidMailToken."""
    redeemed = await mail_tokens.redeem(session, "restore", token)
    deleted = (User.id == redeemed.user_id, User.deleted_at > func.now() - REGRET, User.erased_at.is_(None))
    user = await session.scalar(update(User).where(*deleted).values(deleted_at=None).returning(User))
    if user is None:
        raise InvalidMailToken
    await audit.note(session, "restored", user.id, client)
    await outbox.put(session, letters.restored(user.email, user.display_name, user.locale))
