from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Query

from auth.client import FromClient
from auth.errors import (
    AccountClosed,
    LastAdministrator,
    NotYourself,
    ReauthenticationRequired,
    UnknownRole,
    UserNotFound,
)
from auth.nudge import nudge
from auth.recent_login import RecentAdministrator
from auth.schemas.administration import Disable, Roles, UserRead, UserRow, UserUpdate
from auth.schemas.fields import Accepted
from auth.schemas.sessions import Ended
from auth.service import administration
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.identity import RequireScope, User
from common.pagination import CursorQuery, InvalidCursor, Limit, Page

router = APIRouter(prefix="/admin/users", responses=problems(Unauthorized, Forbidden))

Administrator = Annotated[User, RequireScope("admin")]


@router.get("", responses=problems(InvalidCursor))
async def list_users(
    _admin: Administrator,
    session: DbSession,
    limit: Limit = 20,
    cursor: CursorQuery = None,
    q: Annotated[str | None, Query(max_length=254, pattern=r"^[^\x00]*$")] = None,
    status: administration.Status | None = None,
    role: Annotated[str | None, Query(max_length=40, pattern="^[a-z]+$")] = None,
) -> Page[UserRow]:
    """All accounts, newest first; `q` is a part of the address or the name."""
    return await administration.people(session, administration.Filter(q, status, role), cursor, limit)


@router.get("/{user_id}", responses=problems(UserNotFound))
async def read_user(user_id: UUID, _admin: Administrator, session: DbSession) -> UserRead:
    """One account; no secret of it."""
    return await administration.person(session, user_id)


@router.patch("/{user_id}", responses=problems(UserNotFound, AccountClosed))
async def update_user(
    user_id: UUID, change: UserUpdate, admin: Administrator, session: DbSession, client: FromClient
) -> UserRead:
    """Mend a name or language."""
    return await administration.update(session, admin.id, user_id, change, client)


@router.post(
    "/{user_id}/disable",
    responses=problems(ReauthenticationRequired, UserNotFound, LastAdministrator, NotYourself),
)
async def disable_user(
    user_id: UUID,
    order: Disable,
    admin: RecentAdministrator,
    session: DbSession,
    client: FromClient,
    background: BackgroundTasks,
) -> UserRead:
    """Sign them out everywhere and let them in no more. Nothing of theirs is deleted."""
    background.add_task(nudge)
    return await administration.disable(session, admin.id, user_id, order.reason, client)


@router.post("/{user_id}/enable", responses=problems(ReauthenticationRequired, UserNotFound))
async def enable_user(user_id: UUID, admin: RecentAdministrator, session: DbSession, client: FromClient) -> UserRead:
    """Let them in again."""
    return await administration.enable(session, admin.id, user_id, client)


@router.post("/{user_id}/revoke-sessions", responses=problems(UserNotFound))
async def end_users_sessions(user_id: UUID, admin: Administrator, session: DbSession, client: FromClient) -> Ended:
    """Sign them out everywhere."""
    return Ended(ended=await administration.end_sessions(session, admin.id, user_id, client))


@router.post("/{user_id}/password-reset", status_code=202, responses=problems(UserNotFound, AccountClosed))
async def reset_users_password(
    user_id: UUID, admin: Administrator, session: DbSession, client: FromClient, background: BackgroundTasks
) -> Accepted:
    """Send them the link to choose a new password."""
    await administration.reset_password(session, admin.id, user_id, client)
    background.add_task(nudge)
    return Accepted(message="The letter is on its way.")


@router.put(
    "/{user_id}/roles",
    responses=problems(ReauthenticationRequired, UserNotFound, AccountClosed, LastAdministrator, UnknownRole),
)
async def set_roles(
    user_id: UUID, order: Roles, admin: RecentAdministrator, session: DbSession, client: FromClient
) -> UserRead:
    """What a lost role brought is refused at once, also to tokens that were made before."""
    return await administration.set_roles(session, admin.id, user_id, order.roles, client)
