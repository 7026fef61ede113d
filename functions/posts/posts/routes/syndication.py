"""Posts for machines outside: feed readers, search engines, and whoever shows what is behind a link."""

from typing import Any

from fastapi import APIRouter, Request, Response

from common.errors import Unauthorized, problems
from common.pagination import CursorQuery, InvalidCursor
from posts import atom, previews, sitemap
from posts.answers import first_answer
from posts.errors import PostNotFound
from posts.routes.access import IdOrSlug, OfAuthor, OfTag

router = APIRouter()


def _media(media: bytes) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media.decode().partition(";")[0]: {"schema": {"type": "string"}}}}}


@router.get("/feed.atom", response_class=Response, responses=_media(atom.MEDIA) | problems(InvalidCursor, Unauthorized))
async def read_atom_feed(
    request: Request, tag: OfTag = None, author: OfAuthor = None, cursor: CursorQuery = None
) -> Response:
    """The newest posts as an Atom feed; older ones are behind its `next` links."""
    return await first_answer(request, atom.feed(tag=tag, author=author, cursor=cursor))


@router.get("/sitemap.xml", response_class=Response, responses=_media(sitemap.MEDIA) | problems(Unauthorized))
async def read_sitemap_index(request: Request) -> Response:
    """The sitemap's pages."""
    return await first_answer(request, sitemap.index())


@router.get(
    "/sitemap/posts.xml",
    response_class=Response,
    responses=_media(sitemap.MEDIA) | problems(InvalidCursor, Unauthorized),
)
async def read_sitemap_page(request: Request, cursor: CursorQuery = None) -> Response:
    """Ten thousand posts' addresses."""
    return await first_answer(request, sitemap.page(cursor))


@router.get(
    "/{post_id}/preview",
    response_class=Response,
    responses=_media(previews.MEDIA) | problems(Unauthorized, PostNotFound),
)
async def read_preview(post_id: IdOrSlug, request: Request) -> Response:
    """A post as a document of its own, with what messengers show of a link to it."""
    return await first_answer(request, previews.preview(post_id))
