from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from posts import answers, etags, publishing, restoring, revisions, service
from posts.errors import DeletedByModerator, NotTheAuthor, PostNotFound, RevisionNotFound
from posts.revision_schemas import DeletedPost, Difference, RevisionRead, RevisionSummary
from posts.routes.access import Reader, Writer
from posts.schemas import Draft, PostRead, PostUpdate

router = APIRouter(responses=problems(Unauthorized, Forbidden))

_POST: dict[int | str, dict[str, Any]] = {200: {"model": PostRead}}
Version = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/drafts", responses=problems(InvalidCursor))
async def list_drafts(
    user: Reader, session: DbSession, response: Response, cursor: CursorQuery = None, limit: Limit = 20
) -> Page[Draft]:
    """Your drafts and the posts that wait for their moment, last changed first; `/{id}/full` reads one."""
    response.headers["Cache-Control"] = "no-store"
    return await publishing.drafts(session, user.id, cursor, limit)


@router.get("/deleted", responses=problems(InvalidCursor))
async def list_deleted_posts(
    user: Reader, session: DbSession, response: Response, cursor: CursorQuery = None, limit: Limit = 20
) -> Page[DeletedPost]:
    """Your posts that were deleted in the last 30 days."""
    response.headers["Cache-Control"] = "no-store"
    return await restoring.deleted(session, user.id, cursor, limit)


@router.post(
    "/{post_id}/restore", response_class=Response, responses=_POST | problems(PostNotFound, DeletedByModerator)
)
async def restore_post(post_id: UUID, user: Writer, session: DbSession) -> Response:
    """Bring back a post that was deleted in the last 30 days."""
    text, version = await restoring.restore(session, user, post_id)
    return answers.ready(text, etags.of_post(text, version))


@router.get("/{post_id}/revisions", responses=problems(InvalidCursor, PostNotFound, NotTheAuthor))
async def list_revisions(
    post_id: UUID, user: Reader, session: DbSession, response: Response, cursor: CursorQuery = None, limit: Limit = 20
) -> Page[RevisionSummary]:
    """What the post was before its edits, newest first; for its author and moderators."""
    response.headers["Cache-Control"] = "no-store"
    return await revisions.list_of(session, await service.own(session, user, post_id), cursor, limit)


@router.get("/{post_id}/revisions/{version}", responses=problems(PostNotFound, NotTheAuthor, RevisionNotFound))
async def read_revision(
    post_id: UUID, version: Version, user: Reader, session: DbSession, response: Response
) -> RevisionRead:
    """One version as it was."""
    response.headers["Cache-Control"] = "no-store"
    return await revisions.one(session, await service.own(session, user, post_id), version)


@router.get("/{post_id}/revisions/{version}/diff", responses=problems(PostNotFound, NotTheAuthor, RevisionNotFound))
async def compare_revisions(
    post_id: UUID,
    version: Version,
    user: Reader,
    session: DbSession,
    response: Response,
    against: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="The newest, if not given.")] = None,
) -> Difference:
    """What became of one version in another."""
    response.headers["Cache-Control"] = "no-store"
    return await revisions.difference(session, await service.own(session, user, post_id), version, against)


@router.post(
    "/{post_id}/revisions/{version}/restore",
    response_class=Response,
    responses=_POST | problems(PostNotFound, NotTheAuthor, RevisionNotFound),
)
async def restore_revision(post_id: UUID, version: Version, user: Writer, session: DbSession) -> Response:
    """Make an old version the newest again: an edit like any other, which can be taken back in turn."""
    old = await revisions.one(session, await service.own(session, user, post_id), version)
    change = PostUpdate(title=old.title, body=old.body, tags=old.tags)
    text, made = await service.edit(session, user, post_id, change, None)
    return answers.ready(text, etags.of_post(text, made))
