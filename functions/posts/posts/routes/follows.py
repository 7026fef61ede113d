from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from posts import answers, feed, follows
from posts.community_errors import CannotFollowYourself, PersonNotFound, TagNotFound, TooManyFollows
from posts.community_schemas import FollowList
from posts.routes.access import Member
from posts.schemas import PostSummary, Tag

router = APIRouter()

_MINE = problems(Unauthorized, Forbidden)
TagName = Annotated[Tag, Path()]


@router.put(
    "/follows/authors/{author_id}",
    status_code=204,
    responses=problems(Unauthorized, Forbidden, PersonNotFound, CannotFollowYourself, TooManyFollows),
)
async def follow_author(author_id: UUID, user: Member, session: DbSession) -> None:
    """Have somebody's posts in your feed."""
    await follows.follow_author(session, user.id, author_id)


@router.delete("/follows/authors/{author_id}", status_code=204, responses=_MINE)
async def leave_author(author_id: UUID, user: Member, session: DbSession) -> None:
    """Follow somebody no longer."""
    await follows.leave_author(session, user.id, author_id)


@router.put(
    "/follows/tags/{tag}", status_code=204, responses=problems(Unauthorized, Forbidden, TagNotFound, TooManyFollows)
)
async def follow_tag(tag: TagName, user: Member, session: DbSession) -> None:
    """Have posts with a tag in your feed."""
    await follows.follow_tag(session, user.id, tag)


@router.delete("/follows/tags/{tag}", status_code=204, responses=_MINE)
async def leave_tag(tag: TagName, user: Member, session: DbSession) -> None:
    """Follow a tag no longer."""
    await follows.leave_tag(session, user.id, tag)


@router.get("/follows", responses=_MINE)
async def list_follows(user: Member, session: DbSession, response: Response) -> FollowList:
    """Whom and what you follow."""
    response.headers["Cache-Control"] = "private, no-store"
    return await follows.list_follows(session, user.id)


@router.get(
    "/feed",
    response_class=Response,
    responses={200: {"model": Page[PostSummary]}, **problems(Unauthorized, Forbidden, InvalidCursor)},
)
async def read_feed(
    user: Member, request: Request, session: DbSession, cursor: CursorQuery = None, limit: Limit = 20
) -> Response:
    """Posts by whom you follow and with tags that you follow, newest first."""
    text = await feed.read(session, user.id, cursor, limit)
    return answers.made(request, text, "private, no-store")
