from uuid import UUID

from fastapi import APIRouter, Response

from auth import cookies
from auth.client import FromClient
from auth.errors import SessionNotFound
from auth.recent_login import Self
from auth.schemas.sessions import Ended, SessionList
from auth.service import sessions
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems

router = APIRouter(responses=problems(Unauthorized, Forbidden))


@router.get("/me/sessions")
async def list_sessions(user: Self, session: DbSession) -> SessionList:
    """Where you are signed in, newest first."""
    return SessionList(items=await sessions.of_person(session, user.id, user.session_id))


@router.delete("/me/sessions/{session_id}", status_code=204, responses=problems(SessionNotFound))
async def end_session(session_id: UUID, user: Self, session: DbSession, client: FromClient) -> None:
    """Sign out there: its access tokens are refused from now on, in every group."""
    await sessions.end_one(session, user.id, session_id, client)


@router.delete("/me/sessions")
async def end_sessions(
    user: Self, session: DbSession, client: FromClient, response: Response, *, including_current: bool = False
) -> Ended:
    """Sign out everywhere else, or everywhere."""
    if including_current:
        cookies.drop(response)
    keep = None if including_current else user.session_id
    return Ended(ended=await sessions.end_all(session, user.id, client, keep=keep))
