from fastapi import APIRouter, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.pagination import CursorQuery, InvalidCursor, Limit
from posts import notifications
from posts.community_schemas import (
    NotificationPage,
    NotificationSettingsChange,
    NotificationSettingsRead,
    ReadUpTo,
)
from posts.routes.access import Member

router = APIRouter()

_MINE = problems(Unauthorized, Forbidden)
_PRIVATE = "private, no-store"


@router.get("/notifications", responses=problems(Unauthorized, Forbidden, InvalidCursor))
async def list_notifications(
    user: Member, session: DbSession, response: Response, cursor: CursorQuery = None, limit: Limit = 20
) -> NotificationPage:
    """What you are told, the newest first."""
    response.headers["Cache-Control"] = _PRIVATE
    return await notifications.list_notifications(session, user.id, cursor, limit)


@router.post("/notifications/read", status_code=204, responses=_MINE)
async def mark_notifications_read(order: ReadUpTo, user: Member, session: DbSession) -> None:
    """Mark notifications as read."""
    await notifications.mark_read(session, user.id, order.up_to)


@router.get("/notifications/settings", responses=_MINE)
async def read_notification_settings(user: Member, session: DbSession, response: Response) -> NotificationSettingsRead:
    """What you are told of."""
    response.headers["Cache-Control"] = _PRIVATE
    return await notifications.settings_of(session, user.id)


@router.put("/notifications/settings", responses=_MINE)
async def change_notification_settings(
    change: NotificationSettingsChange, user: Member, session: DbSession
) -> NotificationSettingsRead:
    """Choose what you are told of, and how often a letter says what you have not read."""
    return await notifications.change_settings(session, user.id, change)
