from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from money.errors import EventNotFound
from money.routes.access import Reader
from money.schemas.events import EventRead
from money.service import events

router = APIRouter(prefix="/events", responses=problems(Unauthorized, Forbidden))


@router.get("", responses=problems(InvalidCursor, EventNotFound))
async def list_events(
    user: Reader,
    session: DbSession,
    type: Annotated[  # noqa: A002 - the parameter's public name
        str, Query(max_length=60, pattern="^[a-z_.]*$", description="Its beginning: `transfer.` or `transfer.sent`.")
    ] = "",
    after: Annotated[
        UUID | None,
        Query(
            description="The last event you have seen, or all zeros for the beginning: what came since, oldest first. "
            "Nothing will ever appear before it."
        ),
    ] = None,
    cursor: CursorQuery = None,
    limit: Limit = 20,
) -> Page[EventRead]:
    """What happened to your money in the last 90 days, newest first."""
    return await events.list_all(session, user.id, type, after, cursor, limit)
