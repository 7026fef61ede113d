from uuid import UUID

from fastapi import APIRouter, Response

from analytics import dashboards, exports, printing, widget_data
from analytics.routes.access import Reader
from analytics.routes.dashboards import FIGURES, Asked, widget_of
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems

router = APIRouter(prefix="/dashboards", responses=problems(Unauthorized, Forbidden))


@router.get(
    "/{dashboard_id}/widgets/{widget_id}/export.csv",
    response_class=Response,
    responses={200: {"content": {exports.CSV: {}}}, **FIGURES},
)
async def export_widget(
    dashboard_id: UUID,
    widget_id: str,
    user: Reader,
    session: DbSession,
    asked: Asked,
) -> Response:
    """The figures of one widget as CSV, for spreadsheets in any language."""
    dashboard, widget = await widget_of(session, user.id, dashboard_id, widget_id)
    filters = asked.under(dashboard.filters)
    figures = await widget_data.read(session, user.id, widget, filters)
    return exports.file(exports.as_csv(widget, figures, filters), exports.CSV, f"{widget.title}.csv")


@router.get(
    "/{dashboard_id}/export.xlsx",
    response_class=Response,
    responses={200: {"content": {exports.XLSX: {}}}, **FIGURES},
)
async def export_dashboard(
    dashboard_id: UUID,
    user: Reader,
    session: DbSession,
    asked: Asked,
) -> Response:
    """A workbook with a sheet for each widget, and the chart on it."""
    dashboard = await dashboards.read(session, user.id, dashboard_id)
    filters = asked.under(dashboard.filters)
    content = await exports.as_workbook(session, user.id, dashboard, filters)
    return exports.file(content, exports.XLSX, f"{dashboard.name}.xlsx")


@router.get(
    "/{dashboard_id}/widgets/{widget_id}/export.png",
    response_class=Response,
    responses={200: {"content": {printing.PNG: {}}}, **FIGURES},
)
async def export_widget_picture(
    dashboard_id: UUID,
    widget_id: str,
    user: Reader,
    session: DbSession,
    asked: Asked,
) -> Response:
    """The widget as a picture."""
    dashboard, widget = await widget_of(session, user.id, dashboard_id, widget_id)
    figures = await widget_data.read(session, user.id, widget, asked.under(dashboard.filters))
    return exports.file(await printing.as_png(widget, figures), printing.PNG, f"{widget.title}.png")


@router.get(
    "/{dashboard_id}/export.pdf",
    response_class=Response,
    responses={200: {"content": {printing.PDF: {}}}, **FIGURES},
)
async def export_dashboard_paper(
    dashboard_id: UUID,
    user: Reader,
    session: DbSession,
    asked: Asked,
) -> Response:
    """The dashboard for paper: its charts, and its figures as tables."""
    dashboard = await dashboards.read(session, user.id, dashboard_id)
    content = await printing.as_pdf(session, user.id, dashboard, asked.under(dashboard.filters))
    return exports.file(content, printing.PDF, f"{dashboard.name}.pdf")
