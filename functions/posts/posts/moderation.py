"""What moderators see and decide. Every decision is noted for good."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.posts import Post
from common.models.posts_moderation import Appeal, ModerationAction, ModerationCase, Report
from common.pagination import Page, decode_cursor, page
from posts import moderated
from posts.moderation_errors import NothingReported
from posts.moderation_schemas import (
    CaseRead,
    Decision,
    Kind,
    ModeratorAction,
    ReportRead,
    SubjectHistory,
)

_MOST = 100
_APPEAL = (
    select(Appeal.words)
    .where(Appeal.case_id == ModerationCase.id)
    .order_by(Appeal.created_at.desc())
    .limit(1)
    .correlate(ModerationCase)
    .scalar_subquery()
)


async def queue(session: AsyncSession, cursor: str | None, limit: int) -> Page[CaseRead]:
    """Open cases, those that wait longest first."""
    query = (
        select(ModerationCase, _APPEAL, Post.title, Post.slug, Post.author_id)
        .outerjoin(Post, (ModerationCase.subject_kind == "post") & (Post.id == ModerationCase.subject_id))
        .where(ModerationCase.closed_at.is_(None))
        .order_by(ModerationCase.opened_at, ModerationCase.id)
        .limit(limit + 1)
    )
    if cursor is not None:
        after = decode_cursor(cursor, tuple[datetime, UUID])
        query = query.where(tuple_(ModerationCase.opened_at, ModerationCase.id) > after)
    rows = (await session.execute(query)).all()
    reasons = await _reasons(session, [row[0].id for row in rows])

    return page(
        rows, limit, lambda row: _case(reasons.get(row[0].id, {}), *row), lambda row: (row[0].opened_at, row[0].id)
    )


def _case(
    reasons: dict[str, int],
    case: ModerationCase,
    appeal: str | None,
    title: str | None,
    slug: str | None,
    author_id: UUID | None,
) -> CaseRead:
    told = {name: getattr(case, name) for name in ("subject_kind", "subject_id", "opened_at", "reports")}
    return CaseRead(**told, appeal=appeal, reasons=reasons, title=title, slug=slug, author_id=author_id)


async def _reasons(session: AsyncSession, case_ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    query = select(Report.case_id, Report.reason, func.count()).where(Report.case_id.in_(case_ids))
    found: dict[UUID, dict[str, int]] = {}
    for case_id, reason, count in await session.execute(query.group_by(Report.case_id, Report.reason)):
        found.setdefault(case_id, {})[reason] = count
    return found


async def decide(session: AsyncSession, moderator_id: UUID, kind: Kind, subject_id: UUID, decision: Decision) -> None:
    """Closes what was reported of it. Raises SubjectNotFound, OwnSubject, NothingReported, NotHidden."""
    closed = (
        update(ModerationCase)
        .where(
            ModerationCase.subject_kind == kind,
            ModerationCase.subject_id == subject_id,
            ModerationCase.closed_at.is_(None),
        )
        .values(closed_at=func.now())
    )
    case_id = await session.scalar(closed.returning(ModerationCase.id))
    if case_id is None and decision.action == "dismiss":
        raise NothingReported
    await moderated.apply(session, kind, subject_id, moderator_id, decision.action)
    action = ModerationAction(
        actor_id=moderator_id,
        subject_kind=kind,
        subject_id=subject_id,
        case_id=case_id,
        **decision.model_dump(),
    )
    session.add(action)
    await session.flush()


async def history(session: AsyncSession, kind: Kind, subject_id: UUID) -> SubjectHistory:
    reports = (
        select(Report)
        .join(ModerationCase, ModerationCase.id == Report.case_id)
        .where(
            ModerationCase.subject_kind == kind,
            ModerationCase.subject_id == subject_id,
            ModerationCase.closed_at.is_(None),
        )
        .order_by(Report.created_at.desc())
        .limit(_MOST)
    )
    actions = await actions_on(session, kind, subject_id)
    return SubjectHistory(
        reports=[ReportRead.model_validate(report, from_attributes=True) for report in await session.scalars(reports)],
        actions=[ModeratorAction.model_validate(action, from_attributes=True) for action in actions],
    )


async def actions_on(session: AsyncSession, kind: Kind, subject_id: UUID) -> list[ModerationAction]:
    query = (
        select(ModerationAction)
        .where(ModerationAction.subject_id == subject_id, ModerationAction.subject_kind == kind)
        .order_by(ModerationAction.id.desc())
        .limit(_MOST)
    )
    return list(await session.scalars(query))
