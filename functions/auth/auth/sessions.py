"""Signing in makes a session; refreshing moves its counter on; a counter from the past means the token was stolen."""

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth import refresh_tokens
from auth.errors import InvalidRefreshToken
from common.models.auth import Session, User

SLIDING = timedelta(days=30)
ABSOLUTE = timedelta(days=90)
GRACE = timedelta(seconds=10)
"""A lost answer or a second tab sends the same token again; within this it gets the same child."""


async def start(session: AsyncSession, user_id: UUID, scope: str, user_agent: str) -> Session:
    made = Session(
        user_id=user_id,
        refresh_key=secrets.token_bytes(32),
        refresh_counter=0,
        scope=scope,
        user_agent=user_agent[:300],
        expires_at=func.now() + SLIDING,
    )
    session.add(made)
    await session.flush()
    await session.refresh(made)
    return made


def refresh_token(signed_in: Session) -> str:
    return refresh_tokens.mint(signed_in.refresh_key, signed_in.id, signed_in.refresh_counter)


async def _of(session: AsyncSession, token: str) -> tuple[Session, int]:
    """The session a genuine token belongs to, alive or not, and the counter the token carries."""
    parsed = refresh_tokens.parse(token)
    found = await session.get(Session, parsed.session_id) if parsed else None
    if parsed is None or found is None or not refresh_tokens.is_genuine(parsed, found.refresh_key):
        raise InvalidRefreshToken
    return found, parsed.counter


async def rotate(session: AsyncSession, token: str) -> Session:
    """The session with its counter moved on: one statement decides, so two processes can't both win."""
    found, counter = await _of(session, token)
    alive = (Session.id == found.id, Session.revoked_at.is_(None), Session.expires_at > func.now())
    not_disabled = select(User.id).where(User.id == Session.user_id, User.disabled_at.is_(None)).exists()
    moved = await session.scalar(
        update(Session)
        .where(*alive, Session.refresh_counter == counter, not_disabled)
        .values(
            refresh_counter=counter + 1,
            rotated_at=func.clock_timestamp(),
            expires_at=func.least(func.now() + SLIDING, Session.created_at + ABSOLUTE),
        )
        .returning(Session)
        .execution_options(populate_existing=True)
    )
    if moved is not None:
        return moved
    # A twin may have committed since the first look.
    lost_answer = (Session.refresh_counter == counter + 1, Session.rotated_at > func.clock_timestamp() - GRACE)
    again = await session.scalar(
        select(Session).where(*alive, *lost_answer, not_disabled).execution_options(populate_existing=True)
    )
    if again is None:
        await revoke(session, found.id)
        raise InvalidRefreshToken(keep=True)
    return again


async def revoke(session: AsyncSession, session_id: UUID) -> None:
    await session.execute(
        update(Session).where(Session.id == session_id, Session.revoked_at.is_(None)).values(revoked_at=func.now())
    )


async def end(session: AsyncSession, token: str) -> None:
    """Sign out. A token that is not genuine ends nothing and says nothing."""
    try:
        found, _ = await _of(session, token)
    except InvalidRefreshToken:
        return
    await revoke(session, found.id)
