"""Telling moderators of a post or a comment: once for each person as long as nobody has decided."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.posts_moderation import ModerationCase, Report
from posts import moderated
from posts.moderation_errors import TooManyReports
from posts.moderation_schemas import Kind, ReportCreate

MOST_IN_WINDOW = 20
_WINDOW = timedelta(hours=1)


async def create(session: AsyncSession, reporter_id: UUID, kind: Kind, subject_id: UUID, report: ReportCreate) -> None:
    """Of the same person's on the same subject the first stays. Raises SubjectNotFound, TooManyReports."""
    await _count(session, reporter_id)
    await moderated.check(session, kind, subject_id)
    case_id = await open_case(session, kind, subject_id)
    values = {"case_id": case_id, "reporter_id": reporter_id, **report.model_dump()}
    new = await session.scalar(insert(Report).values(values).on_conflict_do_nothing().returning(Report.case_id))
    if new is not None:
        counted = update(ModerationCase).where(ModerationCase.id == case_id)
        await session.execute(counted.values(reports=ModerationCase.reports + 1))


async def _count(session: AsyncSession, reporter_id: UUID) -> None:
    """One report of a person at a time, so that many at once are counted too."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"reports {reporter_id}", 0))))
    recent = select(func.count()).where(Report.reporter_id == reporter_id, Report.created_at > func.now() - _WINDOW)
    if (await session.scalar(recent) or 0) >= MOST_IN_WINDOW:
        raise TooManyReports


async def open_case(session: AsyncSession, kind: Kind, subject_id: UUID) -> UUID:
    """The open case, locked until the end: nobody closes it before what is to be looked at is in."""
    opened = insert(ModerationCase).values(subject_kind=kind, subject_id=subject_id)
    same = opened.on_conflict_do_update(
        index_elements=["subject_kind", "subject_id"],
        index_where=text("closed_at IS NULL"),
        set_={"reports": ModerationCase.reports},
    )
    return (await session.execute(same.returning(ModerationCase.id))).scalar_one()
