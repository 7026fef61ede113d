from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from posts import answers, reactions
from posts.community_schemas import BookmarkRead, FlagList, ReactionKind
from posts.errors import PostNotFound
from posts.routes.access import Member

router = APIRouter()

_MINE = problems(Unauthorized, Forbidden)
_ON_A_POST = problems(Unauthorized, Forbidden, PostNotFound)


@router.put("/{post_id}/reactions/{kind}", status_code=204, responses=_ON_A_POST)
async def react(post_id: UUID, kind: ReactionKind, user: Member, session: DbSession) -> None:
    """Say what you think of a post: one of each kind."""
    await reactions.react(session, user.id, post_id, kind)


@router.delete("/{post_id}/reactions/{kind}", status_code=204, responses=_MINE)
async def take_back_reaction(post_id: UUID, kind: ReactionKind, user: Member, session: DbSession) -> None:
    """Take your reaction back."""
    await reactions.take_back(session, user.id, post_id, kind)


@router.put("/{post_id}/bookmark", status_code=204, responses=_ON_A_POST)
async def bookmark(post_id: UUID, user: Member, session: DbSession) -> None:
    """Keep a post for later."""
    await reactions.bookmark(session, user.id, post_id)


@router.delete("/{post_id}/bookmark", status_code=204, responses=_MINE)
async def drop_bookmark(post_id: UUID, user: Member, session: DbSession) -> None:
    """Keep it no longer."""
    await reactions.drop_bookmark(session, user.id, post_id)


@router.get(
    "/bookmarks",
    response_class=Response,
    responses={200: {"model": Page[BookmarkRead]}, **problems(Unauthorized, Forbidden, InvalidCursor)},
)
async def list_bookmarks(
    user: Member, request: Request, session: DbSession, cursor: CursorQuery = None, limit: Limit = 20
) -> Response:
    """Posts you keep, the newest bookmark first."""
    text = await reactions.list_bookmarks(session, user.id, cursor, limit)
    return answers.made(request, text, "private, no-store")


@router.get("/mine/flags", responses=_MINE)
async def list_flags(
    ids: Annotated[list[UUID], Query(min_length=1, max_length=100, description="Of posts.")],
    user: Member,
    session: DbSession,
    response: Response,
) -> FlagList:
    """Your reactions to these posts, and whether you keep them: what a list that everybody shares cannot say."""
    response.headers["Cache-Control"] = "private, no-store"
    return FlagList(items=await reactions.flags(session, user.id, ids))
