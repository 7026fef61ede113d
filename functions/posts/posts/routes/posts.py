from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from posts import etags, service, wanted
from posts.answers import first_answer, ready
from posts.errors import NotTheAuthor, PostChanged, PostNotFound, PublicationInThePast
from posts.etags import InvalidIfMatch
from posts.routes.access import IdOrSlug, Writer
from posts.schemas import PostCreate, PostRead, PostSummary, PostUpdate, Tag, TagList

router = APIRouter()

IfMatch = Annotated[
    str | None, Header(description="The ETag of the version you edited; 412 when it is not the newest.")
]


def _json(model: Any, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The routes answer bytes that PostgreSQL made: their shape is documented here and held by tests."""
    return {status: {"model": model}}


@router.get("", response_class=Response, responses=_json(Page[PostSummary]) | problems(InvalidCursor, Unauthorized))
async def list_posts(
    request: Request,
    tag: Annotated[Tag | None, Query(description="Only posts with this tag.")] = None,
    author: Annotated[UUID | None, Query(description="Only this person's posts.")] = None,
    cursor: CursorQuery = None,
    limit: Limit = 20,
) -> Response:
    """Posts, newest first."""
    return await first_answer(request, wanted.page(tag=tag, author=author, cursor=cursor, limit=limit))


@router.post(
    "",
    status_code=201,
    response_class=Response,
    responses=_json(PostRead, 201) | problems(Unauthorized, Forbidden, PublicationInThePast),
)
async def create_post(order: PostCreate, user: Writer, session: DbSession) -> Response:
    """Write a post."""
    text, version = await service.create(session, user, order)
    return ready(text, etags.of_post(text, version), 201)


@router.get("/tags", response_class=Response, responses=_json(TagList) | problems(Unauthorized))
async def list_tags(request: Request) -> Response:
    """The most used tags."""
    return await first_answer(request, wanted.tags())


@router.get("/{post_id}", response_class=Response, responses=_json(PostRead) | problems(Unauthorized, PostNotFound))
async def read_post(post_id: IdOrSlug, request: Request) -> Response:
    """One post, by its id or its slug."""
    return await first_answer(request, wanted.one(post_id))


@router.patch(
    "/{post_id}",
    response_class=Response,
    responses=_json(PostRead)
    | problems(Unauthorized, Forbidden, NotTheAuthor, PostNotFound, PostChanged, InvalidIfMatch, PublicationInThePast),
)
async def edit_post(
    post_id: UUID, change: PostUpdate, user: Writer, session: DbSession, if_match: IfMatch = None
) -> Response:
    """Change your post. Send If-Match so that nobody's edit is overwritten unseen."""
    text, version = await service.edit(session, user, post_id, change, etags.expected_version(if_match))
    return ready(text, etags.of_post(text, version))


@router.delete("/{post_id}", status_code=204, responses=problems(Unauthorized, Forbidden, NotTheAuthor, PostNotFound))
async def delete_post(post_id: UUID, user: Writer, session: DbSession) -> None:
    """Take your post away from everybody's eyes."""
    await service.remove(session, user, post_id)
