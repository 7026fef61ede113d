from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.idempotency import OptionalIdempotencyKey
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from common.versions import InvalidIfMatch, expected_version
from posts import answers, comment_reading, comments, etags
from posts.community_errors import CommentChanged, CommentNotFound, NotYourComment, TooManyComments
from posts.community_schemas import CommentCreate, CommentOrder, CommentRead, CommentThread, CommentUpdate
from posts.errors import PostNotFound
from posts.routes.access import KEYED, Member

router = APIRouter()

IfMatch = Annotated[str | None, Header(description="The version you edited, quoted; 412 when it is not the newest.")]


@router.get(
    "/{post_id}/comments",
    response_class=Response,
    responses={200: {"model": Page[CommentThread]}, **problems(PostNotFound, InvalidCursor)},
)
async def list_comments(
    post_id: UUID,
    request: Request,
    session: DbSession,
    order: Annotated[CommentOrder, Query()] = "oldest",
    cursor: CursorQuery = None,
    limit: Limit = 20,
) -> Response:
    """Comments on a post, each with the first answers to it."""
    text = await comment_reading.list_comments(session, post_id, order, cursor, limit)
    return answers.made(request, text, answers.SHARED)


@router.post(
    "/{post_id}/comments",
    status_code=201,
    response_class=Response,
    responses={
        201: {"model": CommentRead},
        **problems(Unauthorized, Forbidden, PostNotFound, CommentNotFound, TooManyComments, *KEYED),
    },
)
async def create_comment(
    post_id: UUID, order: CommentCreate, user: Member, session: DbSession, key: OptionalIdempotencyKey
) -> Response:
    """Comment on a post, or answer a comment on it. With an Idempotency-Key a request that is sent again says nothing twice."""
    text, version, replayed = await comments.create(session, user, post_id, order, key)
    return answers.ready(text, etags.of_post(text, version), 201, replayed=replayed)


@router.get(
    "/comments/{comment_id}/replies",
    response_class=Response,
    responses={200: {"model": Page[CommentRead]}, **problems(CommentNotFound, InvalidCursor)},
)
async def list_replies(
    comment_id: UUID, request: Request, session: DbSession, cursor: CursorQuery = None, limit: Limit = 20
) -> Response:
    """Everything below a comment, on all levels, in the order of reading."""
    text = await comment_reading.list_replies(session, comment_id, cursor, limit)
    return answers.made(request, text, answers.SHARED)


@router.patch(
    "/comments/{comment_id}",
    response_class=Response,
    responses={
        200: {"model": CommentRead},
        **problems(Unauthorized, Forbidden, NotYourComment, CommentNotFound, CommentChanged, InvalidIfMatch),
    },
)
async def edit_comment(
    comment_id: UUID,
    change: CommentUpdate,
    user: Member,
    session: DbSession,
    request: Request,
    if_match: IfMatch = None,
) -> Response:
    """Change your comment. Send If-Match so that nobody's edit is overwritten unseen."""
    text, version = await comments.edit(session, user, comment_id, change.body, expected_version(if_match))
    return answers.made(request, text, "no-store", etags.of_post(text, version))


@router.delete(
    "/comments/{comment_id}",
    status_code=204,
    responses=problems(Unauthorized, Forbidden, NotYourComment, CommentNotFound),
)
async def delete_comment(comment_id: UUID, user: Member, session: DbSession) -> None:
    """Delete your comment, or one on your post. Its place in the thread stays."""
    await comments.remove(session, user, comment_id)
