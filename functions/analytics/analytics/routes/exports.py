# ruff: noqa: FAST003 - dependencies take the parameters of the path

from fastapi import APIRouter, Response

from analytics import exports, printing, widget_data
from analytics.routes.access import Reader
from analytics.routes.dashboards import FIGURES, OneDashboard, OneWidget
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems

router = APIRouter(prefix="/dashboards/{dashboard_id}", responses=problems(Unauthorized, Forbidden))


def _a(media: str) -> dict[int | str, dict[str, object]]:
    return {200: {"content": {media: {}}}, **FIGURES}


@router.get("/widgets/{widget_id}/export.csv", response_class=Response, responses=_a(exports.CSV))
async def export_widget(one: OneWidget, user: Reader, session: DbSession) -> Response:
    """The figures of one widget as CSV, for spreadsheets in any language."""
    figures = await widget_data.read(session, user.id, one.widget, one.filters)
    return exports.file(exports.as_csv(one.widget, figures, one.filters), exports.CSV, f"{one.widget.title}.csv")


@router.get("/widgets/{widget_id}/export.png", response_class=Response, responses=_a(printing.PNG))
async def export_widget_picture(one: OneWidget, user: Reader, session: DbSession) -> Response:
    """The widget as a picture."""
    figures = await widget_data.read(session, user.id, one.widget, one.filters)
    return exports.file(await printing.as_png(one.widget, figures), printing.PNG, f"{one.widget.title}.png")


@router.get("/export.xlsx", response_class=Response, responses=_a(exports.XLSX))
async def export_dashboard(one: OneDashboard, user: Reader, session: DbSession) -> Response:
    """A workbook with a sheet for each widget, and the chart on it."""
    content = await exports.as_workbook(session, user.id, one.dashboard, one.filters)
    return exports.file(content, exports.XLSX, f"{one.dashboard.name}.xlsx")


@router.get("/export.pdf", response_class=Response, responses=_a(printing.PDF))
async def export_dashboard_paper(one: OneDashboard, user: Reader, session: DbSession) -> Response:
    """The dashboard for paper: its charts, and its figures as tables."""
    content = await printing.as_pdf(session, user.id, one.dashboard, one.filters)
    return exports.file(content, printing.PDF, f"{one.dashboard.name}.pdf")
