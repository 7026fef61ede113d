from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.idempotency import OptionalIdempotencyKey
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from common.versions import InvalidIfMatch, expected_version
from posts import etags, searching, service, wanted
from posts.answers import first_answer, ready
from posts.errors import NotTheAuthor, PostChanged, PostNotFound, PublicationInThePast, SlugTaken
from posts.routes.access import KEYED, IdOrSlug, OfAuthor, OfTag, Writer
from posts.schemas import FoundPost, PostCreate, PostRead, PostSummary, PostUpdate, TagList, Words

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
    tag: OfTag = None,
    author: OfAuthor = None,
    query: Annotated[
        Words | None, Query(description="Only posts with these words; as `search` in order `newest`.")
    ] = None,
    cursor: CursorQuery = None,
    limit: Limit = 20,
) -> Response:
    """Posts, newest first."""
    if query is not None:
        found = searching.wanted(typed=query, order="newest", tag=tag, author=author, cursor=cursor, limit=limit)
        return await first_answer(request, found)
    return await first_answer(request, wanted.page(tag=tag, author=author, cursor=cursor, limit=limit))


@router.get(
    "/search", response_class=Response, responses=_json(Page[FoundPost]) | problems(InvalidCursor, Unauthorized)
)
async def search_posts(
    request: Request,
    query: Annotated[Words, Query(description='Words; "a phrase"; -without; or.')],
    order: searching.Order = "relevance",
    tag: OfTag = None,
    author: OfAuthor = None,
    cursor: CursorQuery = None,
    limit: Limit = 20,
) -> Response:
    """Posts with these words, in Russian and English, in any of their forms; the best of the newest 500 first."""
    found = searching.wanted(typed=query, order=order, tag=tag, author=author, cursor=cursor, limit=limit)
    return await first_answer(request, found)


@router.post(
    "",
    status_code=201,
    response_class=Response,
    responses=_json(PostRead, 201) | problems(Unauthorized, Forbidden, PublicationInThePast, SlugTaken, *KEYED),
)
async def create_post(order: PostCreate, user: Writer, session: DbSession, key: OptionalIdempotencyKey) -> Response:
    """Write a post. With an Idempotency-Key a request that is sent again makes no second one."""
    text, version, replayed = await service.create(session, user, order, key)
    return ready(text, etags.of_post(text, version), 201, replayed=replayed)


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
    | problems(
        Unauthorized,
        Forbidden,
        NotTheAuthor,
        PostNotFound,
        PostChanged,
        InvalidIfMatch,
        PublicationInThePast,
        SlugTaken,
    ),
)
async def edit_post(
    post_id: UUID, change: PostUpdate, user: Writer, session: DbSession, if_match: IfMatch = None
) -> Response:
    """Change your post. Send If-Match so that nobody's edit is overwritten unseen."""
    text, version = await service.edit(session, user, post_id, change, expected_version(if_match))
    return ready(text, etags.of_post(text, version))


@router.delete("/{post_id}", status_code=204, responses=problems(Unauthorized, Forbidden, NotTheAuthor, PostNotFound))
async def delete_post(post_id: UUID, user: Writer, session: DbSession) -> None:
    """Take your post away from everybody's eyes."""
    await service.remove(session, user, post_id)
