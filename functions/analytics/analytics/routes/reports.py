from uuid import UUID

from fastapi import APIRouter

from analytics import report_plans
from analytics.errors import DashboardNotFound, ReportNotFound
from analytics.report_schemas import ReportPlan, ReportRead
from analytics.routes.access import Reader, Writer
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems

router = APIRouter(prefix="/dashboards/{dashboard_id}/report", responses=problems(Unauthorized, Forbidden))


@router.put("", responses=problems(DashboardNotFound))
async def plan_report(dashboard_id: UUID, order: ReportPlan, user: Writer, session: DbSession) -> ReportRead:
    """Have a letter of the dashboard come regularly, to your confirmed address, with its figures as tables."""
    return await report_plans.plan(session, user.id, dashboard_id, order)


@router.get("", responses=problems(DashboardNotFound, ReportNotFound))
async def read_report(dashboard_id: UUID, user: Reader, session: DbSession) -> ReportRead:
    """When the letter comes."""
    return await report_plans.read(session, user.id, dashboard_id)


@router.delete("", status_code=204, responses=problems(DashboardNotFound, ReportNotFound))
async def cancel_report(dashboard_id: UUID, user: Writer, session: DbSession) -> None:
    """No more letters of the dashboard."""
    await report_plans.cancel(session, user.id, dashboard_id)
