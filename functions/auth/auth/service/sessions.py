"""The sessions a person has, and ending them."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, sessions
from auth.client import Client
from auth.errors import SessionNotFound
from auth.schemas.sessions import SessionRead
from common.models.auth import PersonalToken, Session

_MOST = 200


async def of_person(session: AsyncSession, user_id: UUID, current: UUID) -> list[SessionRead]:
    """Those that live, newest first."""
    living = (
        select(Session, PersonalToken.name)
        .outerjoin(PersonalToken, PersonalToken.id == Session.personal_token_id)
        .where(Session.user_id == user_id, Session.revoked_at.is_(None), Session.expires_at > func.now())
        .order_by(Session.id.desc())
        .limit(_MOST)
    )
    return [
        SessionRead(
            id=found.id,
            current=found.id == current,
            created_at=found.created_at,
            last_used_at=found.rotated_at,
            address=found.address,
            user_agent=found.user_agent,
            amr=found.amr,
            personal_token=token_name,
        )
        for found, token_name in await session.execute(living)
    ]


async def end_one(session: AsyncSession, user_id: UUID, session_id: UUID, client: Client) -> None:
    """Somebody else's is not found either. Raises SessionNotFound."""
    if not await sessions.revoke(session, Session.id == session_id, Session.user_id == user_id):
        raise SessionNotFound
    await audit.note(session, "session_revoked", user_id, client, session_id=session_id)


async def end_all(session: AsyncSession, user_id: UUID, client: Client, *, keep: UUID | None) -> int:
    """All but `keep`. Returns how many they were."""
    kept = [Session.id != keep] if keep else []
    ended = await sessions.revoke(session, Session.user_id == user_id, *kept)
    await audit.note(session, "sessions_revoked", user_id, client, count=len(ended))
    return len(ended)
