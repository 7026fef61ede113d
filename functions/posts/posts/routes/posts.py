from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from posts import etags, reads, service
from posts.errors import NotTheAuthor, PostChanged, PostNotFound
from posts.etags import InvalidIfMatch
from posts.pages import CACHE_CONTROL, Reply
from posts.routes.access import Fresh, IdOrSlug, Writer, address
from posts.schemas import PostCreate, PostRead, PostSummary, PostUpdate, Tag, TagList

router = APIRouter()

IfMatch = Annotated[
    str | None, Header(description="The ETag of the version you edited; 412 when it is not the newest.")
]


def _shared(page: Reply, request: Request) -> Response:
    headers = {"ETag": page.etag, "Cache-Control": CACHE_CONTROL}
    if etags.matches(request.headers.get("if-none-match", ""), page.etag):
        return Response(status_code=304, headers=headers)
    return Response(page.body, headers=headers, media_type="application/json")


def _own(text: str, version: int, status: int = 200) -> Response:
    """To whoever has just written it."""
    body = text.encode()
    headers = {"ETag": etags.of_version(version, body), "Cache-Control": "no-store"}
    return Response(body, status, headers, "application/json")


def _json(model: Any, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The routes answer bytes that PostgreSQL made: their shape is documented here and held by tests."""
    return {status: {"model": model}}


@router.get("", response_class=Response, responses=_json(Page[PostSummary]) | problems(InvalidCursor))
async def list_posts(
    request: Request,
    fresh: Fresh,
    tag: Annotated[Tag | None, Query(description="Only posts with this tag.")] = None,
    author: Annotated[UUID | None, Query(description="Only this person's posts.")] = None,
    cursor: CursorQuery = None,
    limit: Limit = 20,
) -> Response:
    """Posts, newest first."""
    page = await reads.newest(address(request), fresh=fresh, tag=tag, author=author, cursor=cursor, limit=limit)
    return _shared(page, request)


@router.post(
    "", status_code=201, response_class=Response, responses=_json(PostRead, 201) | problems(Unauthorized, Forbidden)
)
async def create_post(order: PostCreate, user: Writer, session: DbSession) -> Response:
    """Write a post."""
    text, version = await service.create(session, user, order)
    return _own(text, version, 201)


@router.get("/tags", response_class=Response, responses=_json(TagList))
async def list_tags(request: Request, fresh: Fresh) -> Response:
    """The most used tags."""
    return _shared(await reads.tags(address(request), fresh=fresh), request)


@router.get("/{post_id}", response_class=Response, responses=_json(PostRead) | problems(PostNotFound))
async def read_post(post_id: IdOrSlug, request: Request, fresh: Fresh) -> Response:
    """One post, by its id or its slug."""
    return _shared(await reads.one(address(request), post_id, fresh=fresh), request)


@router.patch(
    "/{post_id}",
    response_class=Response,
    responses=_json(PostRead)
    | problems(Unauthorized, Forbidden, NotTheAuthor, PostNotFound, PostChanged, InvalidIfMatch),
)
async def edit_post(
    post_id: UUID, change: PostUpdate, user: Writer, session: DbSession, if_match: IfMatch = None
) -> Response:
    """Change your post. Send If-Match so that nobody's edit is overwritten unseen."""
    text, version = await service.edit(session, user, post_id, change, etags.expected_version(if_match))
    return _own(text, version)


@router.delete("/{post_id}", status_code=204, responses=problems(Unauthorized, Forbidden, NotTheAuthor, PostNotFound))
async def delete_post(post_id: UUID, user: Writer, session: DbSession) -> None:
    """Take your post away from everybody's eyes."""
    await service.remove(session, user, post_id)
