from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Response

from analytics import sharing
from analytics.dashboard_schemas import ShareCreate, ShareCreated, SharedDashboard, ShareList, WidgetData
from analytics.errors import (
    DashboardNotFound,
    DatasetNotFound,
    ExpiryInThePast,
    InvalidQuery,
    QueryTooHeavy,
    ShareNotFound,
    TooManyShares,
    WidgetNotFound,
)
from analytics.routes.access import Reader, Writer
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.storage import StorageUnavailable

router = APIRouter()

# Not in the address: it would stand in every log on the way.
ShareToken = Annotated[str, Header(min_length=1, max_length=200, description="The token of a link.")]
_OWN = problems(Unauthorized, Forbidden, DashboardNotFound)


@router.post(
    "/dashboards/{dashboard_id}/shares", status_code=201, responses=_OWN | problems(ExpiryInThePast, TooManyShares)
)
async def share_dashboard(
    dashboard_id: UUID, order: ShareCreate, user: Writer, session: DbSession, response: Response
) -> ShareCreated:
    """Make a link by which anybody may look at a dashboard, figures of your money included if it shows them."""
    response.headers["Cache-Control"] = "no-store"
    return await sharing.create(session, user.id, dashboard_id, order)


@router.get("/dashboards/{dashboard_id}/shares", responses=_OWN)
async def list_shares(dashboard_id: UUID, user: Reader, session: DbSession) -> ShareList:
    """Which links there are; their tokens are told once only."""
    return await sharing.list_of(session, user.id, dashboard_id)


@router.delete(
    "/dashboards/{dashboard_id}/shares/{share_id}", status_code=204, responses=_OWN | problems(ShareNotFound)
)
async def take_share_back(dashboard_id: UUID, share_id: UUID, user: Writer, session: DbSession) -> None:
    """From now on the link leads nowhere."""
    await sharing.take_back(session, user.id, dashboard_id, share_id)


@router.get("/shared", responses=problems(ShareNotFound))
async def read_shared(share_token: ShareToken, session: DbSession, response: Response) -> SharedDashboard:
    """The dashboard behind a link, for anybody who has it."""
    response.headers["Cache-Control"] = "private, no-store"
    return await sharing.read(session, share_token)


@router.get(
    "/shared/widgets/{widget_id}/data",
    response_class=Response,
    responses={
        200: {"model": WidgetData},
        **problems(ShareNotFound, WidgetNotFound, DatasetNotFound, InvalidQuery, QueryTooHeavy, StorageUnavailable),
    },
)
async def read_shared_data(widget_id: str, share_token: ShareToken) -> Response:
    """The figures of one of its widgets, up to ten seconds old."""
    content = await sharing.data(share_token, widget_id)
    return Response(content, media_type="application/json", headers={"Cache-Control": "private, no-store"})
