from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Request, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.identity import RequireScope, User
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from posts import etags, service
from posts.errors import NotTheAuthor, PostChanged, PostNotFound
from posts.etags import InvalidIfMatch
from posts.schemas import PostCreate, PostRead, PostSummary, PostUpdate, Tag, TagList

router = APIRouter()

Writer = Annotated[User, RequireScope("posts:write")]
IdOrSlug = Annotated[str, Path(max_length=200, pattern=r"^[^\x00]+$", description="The post's id or its slug.")]
IfMatch = Annotated[
    str | None, Header(description="The ETag of the version you edited; 412 when it is not the newest.")
]

SHARED = "public, max-age=1, stale-while-revalidate=10"
"""Short: a list must show a new post at once, and one second already absorbs any rush."""


def _json(model: Any, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The routes answer bytes that PostgreSQL made: their shape is documented here and held by tests."""
    return {status: {"model": model}}


@router.get("", response_class=Response, responses=_json(Page[PostSummary]) | problems(InvalidCursor))
async def list_posts(
    request: Request,
    session: DbSession,
    tag: Annotated[Tag | None, Query(description="Only posts with this tag.")] = None,
    author: Annotated[UUID | None, Query(description="Only this person's posts.")] = None,
    cursor: CursorQuery = None,
    limit: Limit = 20,
) -> Response:
    """Posts, newest first."""
    text = await service.list_posts(session, tag=tag, author=author, cursor=cursor, limit=limit)
    return etags.answer(request, text, SHARED)


@router.post(
    "", status_code=201, response_class=Response, responses=_json(PostRead, 201) | problems(Unauthorized, Forbidden)
)
async def create_post(order: PostCreate, user: Writer, session: DbSession, request: Request) -> Response:
    """Write a post."""
    text, version = await service.create(session, user, order)
    return etags.answer(request, text, "no-store", etags.of_version(version), 201)


@router.get("/tags")
async def list_tags(session: DbSession) -> TagList:
    """The most used tags."""
    return TagList(items=await service.list_tags(session))


@router.get("/{post_id}", response_class=Response, responses=_json(PostRead) | problems(PostNotFound))
async def read_post(post_id: IdOrSlug, request: Request, session: DbSession) -> Response:
    """One post, by its id or its slug."""
    text, version = await service.read(session, post_id)
    return etags.answer(request, text, SHARED, etags.of_state(version, text))


@router.patch(
    "/{post_id}",
    response_class=Response,
    responses=_json(PostRead)
    | problems(Unauthorized, Forbidden, NotTheAuthor, PostNotFound, PostChanged, InvalidIfMatch),
)
async def edit_post(
    post_id: UUID, change: PostUpdate, user: Writer, session: DbSession, request: Request, if_match: IfMatch = None
) -> Response:
    """Change your post. Send If-Match so that nobody's edit is overwritten unseen."""
    text, version = await service.edit(session, user, post_id, change, etags.expected_version(if_match))
    return etags.answer(request, text, "no-store", etags.of_version(version))


@router.delete("/{post_id}", status_code=204, responses=problems(Unauthorized, Forbidden, NotTheAuthor, PostNotFound))
async def delete_post(post_id: UUID, user: Writer, session: DbSession) -> None:
    """Take your post away from everybody's eyes."""
    await service.remove(session, user, post_id)
