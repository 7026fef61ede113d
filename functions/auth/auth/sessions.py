"""Signing in makes a session; refreshing moves its counter on; a counter from the past means the token was stolen."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, letters, outbox, refresh_tokens
from auth.client import Client
from auth.errors import InvalidRefreshToken
from auth.secret_keys import key_for
from common.models.auth import Session, User

SLIDING = timedelta(days=30)
ABSOLUTE = timedelta(days=90)
GRACE = timedelta(seconds=10)
"""A lost answer or a second tab sends the same token again; within this it gets the same child."""


async def start(session: AsyncSession, user_id: UUID, scope: str, amr: str, client: Client) -> Session:
    """`amr`: how the person proved who they are (RFC 8176), space-separated: "pwd", "pwd otp", "hwk", "fed"."""
    made = Session(
        user_id=user_id,
        scope=scope,
        amr=amr,
        user_agent=client.user_agent,
        address=client.address,
        expires_at=func.now() + SLIDING,
    )
    session.add(made)
    await session.flush()
    return made


async def _refresh_key(session: AsyncSession, session_id: UUID) -> bytes:
    return await key_for(session, f"refresh tokens of {session_id}")


async def refresh_token(session: AsyncSession, signed_in: Session) -> str:
    key = await _refresh_key(session, signed_in.id)
    return refresh_tokens.mint(key, signed_in.id, signed_in.refresh_counter)


async def _of(session: AsyncSession, token: str) -> tuple[Session, int]:
    """The session a genuine token belongs to, alive or not, and the counter the token carries."""
    parsed = refresh_tokens.parse(token)
    if parsed is None or not refresh_tokens.is_genuine(parsed, await _refresh_key(session, parsed.session_id)):
        raise InvalidRefreshToken
    found = await session.get(Session, parsed.session_id)
    if found is None:
        raise InvalidRefreshToken
    return found, parsed.counter


async def rotate(session: AsyncSession, token: str, client: Client) -> Session:
    """The session with its counter moved on: one statement decides, so two processes can't both win."""
    found, counter = await _of(session, token)
    alive = (Session.id == found.id, Session.revoked_at.is_(None), Session.expires_at > func.now())
    welcome = select(User.id).where(User.id == Session.user_id, User.disabled_at.is_(None), User.deleted_at.is_(None))
    moved = await session.scalar(
        update(Session)
        .where(*alive, Session.refresh_counter == counter, welcome.exists())
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
        select(Session).where(*alive, *lost_answer, welcome.exists()).execution_options(populate_existing=True)
    )
    if again is None:
        await _stolen(session, found, client)
        raise InvalidRefreshToken(keep=True)
    return again


async def _stolen(session: AsyncSession, found: Session, client: Client) -> None:
    """Two people hold tokens of this session, and nobody can tell which is the owner: it ends for both."""
    if not await revoke(session, Session.id == found.id):
        return
    await audit.note(session, "refresh_token_replayed", found.user_id, client, session_id=found.id)
    owner = await session.get_one(User, found.user_id)
    await outbox.put(session, letters.session_ended(owner.email, owner.display_name, owner.locale))


async def revoke(session: AsyncSession, *which: ColumnElement[bool]) -> Sequence[UUID]:
    """End those that live. Returns their ids: of two callers only one gets an id."""
    ended = update(Session).where(*which, Session.revoked_at.is_(None), Session.expires_at > func.now())
    return (await session.scalars(ended.values(revoked_at=func.now()).returning(Session.id))).all()


async def revoke_all(session: AsyncSession, user_id: UUID) -> Sequence[UUID]:
    return await revoke(session, Session.user_id == user_id)


async def end(session: AsyncSession, token: str, client: Client) -> None:
    """Sign out. A token that is not genuine ends nothing and says nothing."""
    try:
        found, _ = await _of(session, token)
    except InvalidRefreshToken:
        return
    if await revoke(session, Session.id == found.id):
        await audit.note(session, "signed_out", found.user_id, client, session_id=found.id)
