from uuid import UUID

from fastapi import APIRouter, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.identity import CurrentUser
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from posts import appeals, moderation, reports
from posts.errors import PostNotFound
from posts.moderation_errors import (
    NotHidden,
    NothingReported,
    NothingToAppeal,
    OwnSubject,
    SubjectNotFound,
    TooManyReports,
)
from posts.moderation_schemas import ActionList, AppealCreate, CaseRead, Decision, Kind, ReportCreate, SubjectHistory
from posts.routes.access import Moderator, Writer

router = APIRouter(responses=problems(Unauthorized, Forbidden))


@router.post("/{post_id}/report", status_code=204, responses=problems(SubjectNotFound, TooManyReports))
async def report_post(post_id: UUID, report: ReportCreate, user: Writer, session: DbSession) -> None:
    """Tell moderators of a post. A second report of yours, before they have decided, changes nothing."""
    await reports.create(session, user.id, "post", post_id, report)


@router.post("/comments/{comment_id}/report", status_code=204, responses=problems(SubjectNotFound, TooManyReports))
async def report_comment(comment_id: UUID, report: ReportCreate, user: Writer, session: DbSession) -> None:
    """Tell moderators of a comment. A second report of yours, before they have decided, changes nothing."""
    await reports.create(session, user.id, "comment", comment_id, report)


@router.get("/moderation/queue", responses=problems(InvalidCursor))
async def list_reported(
    _user: Moderator, session: DbSession, response: Response, cursor: CursorQuery = None, limit: Limit = 20
) -> Page[CaseRead]:
    """What was reported and waits for a decision, those that wait longest first."""
    response.headers["Cache-Control"] = "no-store"
    return await moderation.queue(session, cursor, limit)


@router.get("/moderation/{subject}/{subject_id}")
async def read_moderation(
    subject: Kind, subject_id: UUID, _user: Moderator, session: DbSession, response: Response
) -> SubjectHistory:
    """What was reported of it, and what was decided so far."""
    response.headers["Cache-Control"] = "no-store"
    return await moderation.history(session, subject, subject_id)


@router.post(
    "/moderation/{subject}/{subject_id}",
    status_code=204,
    responses=problems(SubjectNotFound, OwnSubject, NothingReported, NotHidden),
)
async def moderate(subject: Kind, subject_id: UUID, decision: Decision, user: Moderator, session: DbSession) -> None:
    """Decide about a text, reported or not."""
    await moderation.decide(session, user.id, subject, subject_id, decision)


@router.get("/{post_id}/moderation", responses=problems(PostNotFound))
async def read_own_moderation(post_id: UUID, user: CurrentUser, session: DbSession, response: Response) -> ActionList:
    """What moderators did to your post, and why."""
    response.headers["Cache-Control"] = "no-store"
    return await appeals.actions(session, user.id, post_id)


@router.post("/{post_id}/appeal", status_code=204, responses=problems(PostNotFound, NothingToAppeal))
async def appeal(post_id: UUID, order: AppealCreate, user: Writer, session: DbSession) -> None:
    """Say why your hidden or removed post should be restored: once for each time."""
    await appeals.create(session, user.id, post_id, order)
