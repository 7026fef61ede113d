"""Links to dashboards. Whoever has one sees the widgets and their figures, and nothing that they could not show."""

import hashlib
import secrets
from datetime import UTC, datetime
from functools import cache
from uuid import UUID

from sqlalchemy import delete, func, insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from analytics import dashboards, widget_data
from analytics.dashboard_schemas import (
    DashboardRead,
    ShareCreate,
    ShareCreated,
    SharedDashboard,
    ShareList,
    ShareRead,
)
from analytics.errors import ExpiryInThePast, ShareNotFound, TooManyShares, WidgetNotFound
from common.cache import Cache
from common.db import transaction
from common.models.analytics_dashboards import Dashboard, DashboardShare
from common.settings import settings

MOST = 20
LIFE_S = 10.0
"""How long figures may be repeated to whoever has a link: a link that goes round costs a query now and then."""
_HERE = text("SELECT EXISTS (SELECT FROM identity.here WHERE id = :id)")


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


async def create(session: AsyncSession, user_id: UUID, dashboard_id: UUID, order: ShareCreate) -> ShareCreated:
    """Raises DashboardNotFound, ExpiryInThePast, TooManyShares."""
    await dashboards.own(session, user_id, dashboard_id, lock=True)
    if order.expires_at is not None and order.expires_at <= datetime.now(UTC):
        raise ExpiryInThePast
    held = select(func.count()).where(DashboardShare.dashboard_id == dashboard_id)
    if (await session.scalar(held) or 0) >= MOST:
        raise TooManyShares
    token = secrets.token_urlsafe(32)
    values = {"dashboard_id": dashboard_id, "token_hash": _hash(token), "expires_at": order.expires_at}
    share = (await session.scalars(insert(DashboardShare).values(values).returning(DashboardShare))).one()
    url = f"{settings().public_url.rstrip('/')}/shared#token={token}"
    return ShareCreated(id=share.id, created_at=share.created_at, expires_at=share.expires_at, token=token, url=url)


async def list_of(session: AsyncSession, user_id: UUID, dashboard_id: UUID) -> ShareList:
    """Raises DashboardNotFound."""
    await dashboards.own(session, user_id, dashboard_id)
    query = select(DashboardShare).where(DashboardShare.dashboard_id == dashboard_id).order_by(DashboardShare.id)
    return ShareList(items=[ShareRead.model_validate(share) for share in await session.scalars(query)])


async def take_back(session: AsyncSession, user_id: UUID, dashboard_id: UUID, share_id: UUID) -> None:
    """Raises DashboardNotFound, ShareNotFound."""
    await dashboards.own(session, user_id, dashboard_id)
    which = (DashboardShare.id == share_id, DashboardShare.dashboard_id == dashboard_id)
    gone = await session.scalar(delete(DashboardShare).where(*which).returning(DashboardShare.id))
    if gone is None:
        raise ShareNotFound


async def _behind(session: AsyncSession, token: str) -> tuple[UUID, DashboardRead]:
    """The owner, and what is shared. Raises ShareNotFound."""
    query = (
        select(Dashboard)
        .join(DashboardShare, DashboardShare.dashboard_id == Dashboard.id)
        .where(DashboardShare.token_hash == _hash(token))
        .where(or_(DashboardShare.expires_at.is_(None), DashboardShare.expires_at > func.now()))
    )
    dashboard = await session.scalar(query)
    if dashboard is None or not await session.scalar(_HERE, {"id": dashboard.user_id}):
        raise ShareNotFound
    return dashboard.user_id, DashboardRead.model_validate(dashboard, from_attributes=True)


async def read(session: AsyncSession, token: str) -> SharedDashboard:
    """Raises ShareNotFound."""
    _owner, dashboard = await _behind(session, token)
    return SharedDashboard(**{name: getattr(dashboard, name) for name in SharedDashboard.model_fields})


@cache
def _figures() -> Cache:
    return Cache()


async def data(token: str, widget_id: str) -> bytes:
    """The JSON of a WidgetData, up to LIFE_S old. Raises ShareNotFound, WidgetNotFound, and what the figures raise."""
    async with transaction("analytics") as session:
        owner, dashboard = await _behind(session, token)  # each time: who takes a link back means now
    widget = next((each for each in dashboard.widgets if each.id == widget_id), None)
    if widget is None:
        raise WidgetNotFound

    async def make() -> bytes:
        async with transaction("analytics") as session:
            return (await widget_data.answer(session, owner, widget, dashboard.filters)).encode()

    return await _figures().get(f"{dashboard.id} {dashboard.version} {widget_id}", LIFE_S, make)
