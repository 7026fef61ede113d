"""When a dashboard's owner wants a letter of it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from analytics import dashboards
from analytics.errors import ReportNotFound
from analytics.report_schemas import ReportPlan, ReportRead
from common.models.analytics_dashboards import Report


def next_due(plan: ReportPlan | Report, after: datetime) -> datetime:
    """The first moment of the plan later than `after`, by the clocks of its zone, summer time and all."""
    zone = ZoneInfo(plan.time_zone)
    day = after.astimezone(zone).date()
    while True:
        fits = {"day": True, "week": day.isoweekday() == plan.weekday, "month": day.day == plan.day}[plan.every]
        moment = datetime(day.year, day.month, day.day, plan.hour, tzinfo=zone).astimezone(UTC)
        if fits and moment > after:
            return moment
        day += timedelta(days=1)


async def plan(session: AsyncSession, user_id: UUID, dashboard_id: UUID, order: ReportPlan) -> ReportRead:
    """Raises DashboardNotFound."""
    await dashboards.own(session, user_id, dashboard_id, lock=True)
    values = {**order.model_dump(), "due_at": next_due(order, datetime.now(UTC))}
    query = insert(Report).values(dashboard_id=dashboard_id, **values)
    query = query.on_conflict_do_update(index_elements=[Report.dashboard_id], set_=values)
    return ReportRead.model_validate((await session.scalars(query.returning(Report))).one())


async def read(session: AsyncSession, user_id: UUID, dashboard_id: UUID) -> ReportRead:
    """Raises DashboardNotFound, ReportNotFound."""
    await dashboards.own(session, user_id, dashboard_id)
    report = await session.scalar(select(Report).where(Report.dashboard_id == dashboard_id))
    if report is None:
        raise ReportNotFound
    return ReportRead.model_validate(report)


async def cancel(session: AsyncSession, user_id: UUID, dashboard_id: UUID) -> None:
    """Raises DashboardNotFound, ReportNotFound."""
    await dashboards.own(session, user_id, dashboard_id)
    gone = delete(Report).where(Report.dashboard_id == dashboard_id).returning(Report.dashboard_id)
    if await session.scalar(gone) is None:
        raise ReportNotFound
