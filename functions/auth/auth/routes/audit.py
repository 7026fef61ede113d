from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime

from auth.audit import Event
from auth.recent_login import Self
from auth.schemas.audit import AuditRead, OwnEntry
from auth.service import audit
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.identity import RequireScope, User
from common.pagination import CursorQuery, InvalidCursor, Limit, Page

router = APIRouter(responses=problems(Unauthorized, Forbidden, InvalidCursor))


@router.get("/me/audit")
async def list_own_events(
    user: Self, session: DbSession, limit: Limit = 20, cursor: CursorQuery = None
) -> Page[OwnEntry]:
    """What happened to your account, newest first."""
    return await audit.of_person(session, user.id, cursor, limit)


@router.get("/admin/audit")
async def list_events(
    _user: Annotated[User, RequireScope("audit:read")],
    session: DbSession,
    limit: Limit = 20,
    cursor: CursorQuery = None,
    user_id: UUID | None = None,
    actor_id: UUID | None = None,
    event: Event | None = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> Page[AuditRead]:
    """What happened to all accounts, newest first. `since` is included, `until` is not."""
    return await audit.of_all(session, audit.Filter(user_id, actor_id, event, since, until), cursor, limit)
