from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response

from analytics import dashboards, rows, widget_data
from analytics.dashboard_schemas import (
    DashboardCreate,
    DashboardFilters,
    DashboardRead,
    DashboardSummary,
    DashboardUpdate,
    Widget,
    WidgetData,
)
from analytics.errors import (
    DashboardChanged,
    DashboardNotFound,
    DatasetNotFound,
    InvalidPeriod,
    InvalidQuery,
    QueryTooHeavy,
    TooManyDashboards,
    UnknownDataset,
    WidgetNotFound,
)
from analytics.routes.access import Reader, Writer
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from common.storage import StorageUnavailable
from common.versions import InvalidIfMatch, expected_version

router = APIRouter(prefix="/dashboards", responses=problems(Unauthorized, Forbidden))

IfMatch = Annotated[str | None, Header(description="The version you edited, quoted; 412 when it is not the newest.")]
First = Annotated[date | None, Query(description="First day, instead of the dashboard's own.")]
Last = Annotated[date | None, Query(description="Last day, included.")]
Filters = Annotated[
    str | None, Query(max_length=10_000, description="A JSON array of filters, beside the dashboard's own.")
]
FIGURES = problems(
    DashboardNotFound, WidgetNotFound, DatasetNotFound, InvalidQuery, QueryTooHeavy, InvalidPeriod, StorageUnavailable
)


@router.post("", status_code=201, responses=problems(UnknownDataset, TooManyDashboards))
async def create_dashboard(
    order: DashboardCreate, user: Writer, session: DbSession, response: Response
) -> DashboardRead:
    """Arrange a dashboard."""
    return _tagged(await dashboards.create(session, user.id, order), response)


def _tagged(dashboard: DashboardRead, response: Response) -> DashboardRead:
    response.headers["ETag"] = f'"{dashboard.version}"'
    response.headers["Cache-Control"] = "private, no-cache"
    return dashboard


@router.get("", responses=problems(InvalidCursor))
async def list_dashboards(
    user: Reader, session: DbSession, cursor: CursorQuery = None, limit: Limit = 20
) -> Page[DashboardSummary]:
    """Your dashboards, newest first. Every new dataset has one by itself."""
    return await dashboards.list_own(session, user.id, cursor, limit)


@router.get("/{dashboard_id}", responses=problems(DashboardNotFound))
async def read_dashboard(dashboard_id: UUID, user: Reader, session: DbSession, response: Response) -> DashboardRead:
    """What it is made of."""
    return _tagged(await dashboards.read(session, user.id, dashboard_id), response)


@router.patch(
    "/{dashboard_id}", responses=problems(DashboardNotFound, DashboardChanged, InvalidIfMatch, UnknownDataset)
)
async def edit_dashboard(
    dashboard_id: UUID,
    change: DashboardUpdate,
    user: Writer,
    session: DbSession,
    response: Response,
    if_match: IfMatch = None,
) -> DashboardRead:
    """Arrange it anew. Send If-Match so that nobody's edit is overwritten unseen."""
    expected = expected_version(if_match)
    return _tagged(await dashboards.edit(session, user.id, dashboard_id, change, expected), response)


@router.delete("/{dashboard_id}", status_code=204, responses=problems(DashboardNotFound))
async def delete_dashboard(dashboard_id: UUID, user: Writer, session: DbSession) -> None:
    """Delete a dashboard; what it shows stays."""
    await dashboards.remove(session, user.id, dashboard_id)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of a dashboard beside its own filters."""

    first: First = None
    last: Last = None
    filters: Filters = None

    def under(self, own: DashboardFilters) -> DashboardFilters:
        """One object for what is shown, drilled into, and exported. Raises InvalidPeriod, InvalidQuery."""
        first, last = self.first or own.first, self.last or own.last
        if first and last and first > last:
            raise InvalidPeriod
        columns = [*own.columns, *rows.filters_of(self.filters)]
        return own.model_copy(update={"first": first, "last": last, "columns": columns})


Asked = Annotated[_Asked, Depends()]


@dataclass(frozen=True, slots=True)
class Shown:
    """A dashboard under the filters that are in force."""

    dashboard: DashboardRead
    filters: DashboardFilters


@dataclass(frozen=True, slots=True)
class ShownWidget:
    widget: Widget
    filters: DashboardFilters


async def _shown(dashboard_id: UUID, user: Reader, session: DbSession, asked: Asked) -> Shown:
    dashboard = await dashboards.read(session, user.id, dashboard_id)
    return Shown(dashboard, asked.under(dashboard.filters))


async def _widget(shown: Annotated[Shown, Depends(_shown)], widget_id: str) -> ShownWidget:
    widget = next((each for each in shown.dashboard.widgets if each.id == widget_id), None)
    if widget is None:
        raise WidgetNotFound
    return ShownWidget(widget, shown.filters)


OneDashboard = Annotated[Shown, Depends(_shown)]
OneWidget = Annotated[ShownWidget, Depends(_widget)]


@router.get(
    "/{dashboard_id}/widgets/{widget_id}/data",  # noqa: FAST003 - the dependency takes the parameters
    response_class=Response,
    responses={200: {"model": WidgetData}, **FIGURES},
)
async def read_widget_data(one: OneWidget, user: Reader, session: DbSession) -> Response:
    """The figures of one widget."""
    text = await widget_data.answer(session, user.id, one.widget, one.filters)
    return Response(text, media_type="application/json", headers={"Cache-Control": "private, no-store"})
