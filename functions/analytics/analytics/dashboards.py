"""Dashboards of a person. Whatever is another's does not exist."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from analytics.dashboard_schemas import (
    DashboardCreate,
    DashboardRead,
    DashboardSummary,
    DashboardUpdate,
    Widget,
)
from analytics.errors import DashboardChanged, DashboardNotFound, TooManyDashboards, UnknownDataset
from common.models.analytics import Dataset
from common.models.analytics_dashboards import Dashboard
from common.pagination import Page, decode_cursor, page

MOST = 500
"""Of one person."""


async def create(session: AsyncSession, user_id: UUID, order: DashboardCreate) -> DashboardRead:
    """Raises UnknownDataset, TooManyDashboards."""
    held = await session.scalar(select(func.count()).where(Dashboard.user_id == user_id))
    if (held or 0) >= MOST:
        raise TooManyDashboards
    await _check(session, user_id, order.widgets)
    dashboard = Dashboard(
        user_id=user_id, name=order.name, widgets=_stored(order.widgets), filters=_as_sent(order.filters)
    )
    session.add(dashboard)
    await session.flush()
    return DashboardRead.model_validate(dashboard, from_attributes=True)


def _stored(widgets: list[Widget]) -> list[dict[str, Any]]:
    return [_as_sent(widget) for widget in widgets]


def _as_sent(part: BaseModel) -> dict[str, Any]:
    """Without what was left out: an expression is told by the one operator that it has."""
    return part.model_dump(mode="json", by_alias=True, exclude_unset=True)


async def _check(session: AsyncSession, user_id: UUID, widgets: list[Widget]) -> None:
    """A dataset may go later, and its widgets say so; but nobody arranges what is not there."""
    wanted = {series.dataset.dataset_id for widget in widgets for series in widget.series if series.dataset}
    query = select(func.count()).where(Dataset.id.in_(wanted), Dataset.user_id == user_id)
    if wanted and await session.scalar(query) != len(wanted):
        raise UnknownDataset


async def list_own(session: AsyncSession, user_id: UUID, cursor: str | None, limit: int) -> Page[DashboardSummary]:
    query = select(Dashboard).where(Dashboard.user_id == user_id)
    query = query.order_by(Dashboard.created_at.desc(), Dashboard.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(tuple_(Dashboard.created_at, Dashboard.id) < decode_cursor(cursor, tuple[datetime, UUID]))
    rows = (await session.scalars(query)).all()
    return page(rows, limit, DashboardSummary.model_validate, lambda row: (row.created_at, row.id))


async def read(session: AsyncSession, user_id: UUID, dashboard_id: UUID) -> DashboardRead:
    """Raises DashboardNotFound."""
    return _read(await own(session, user_id, dashboard_id))


def _read(dashboard: Dashboard) -> DashboardRead:
    return DashboardRead.model_validate(dashboard, from_attributes=True)


async def own(session: AsyncSession, user_id: UUID, dashboard_id: UUID, *, lock: bool = False) -> Dashboard:
    query = select(Dashboard).where(Dashboard.id == dashboard_id, Dashboard.user_id == user_id)
    dashboard = await session.scalar(query.with_for_update() if lock else query)
    if dashboard is None:
        raise DashboardNotFound
    return dashboard


async def edit(
    session: AsyncSession, user_id: UUID, dashboard_id: UUID, change: DashboardUpdate, expected: int | None
) -> DashboardRead:
    """`expected` (from If-Match): the version that was edited. Raises DashboardNotFound, DashboardChanged, UnknownDataset."""
    dashboard = await own(session, user_id, dashboard_id, lock=True)
    if expected is not None and expected != dashboard.version:
        raise DashboardChanged
    await _check(session, user_id, change.widgets or [])
    values: dict[str, object] = {"version": dashboard.version + 1, "updated_at": func.now()}
    if change.name is not None:
        values["name"] = change.name
    if change.widgets is not None:
        values["widgets"] = _stored(change.widgets)
    if change.filters is not None:
        values["filters"] = _as_sent(change.filters)
    await session.execute(update(Dashboard).where(Dashboard.id == dashboard_id).values(values))
    await session.refresh(dashboard)
    return _read(dashboard)


async def remove(session: AsyncSession, user_id: UUID, dashboard_id: UUID) -> None:
    """Raises DashboardNotFound."""
    await own(session, user_id, dashboard_id, lock=True)
    await session.execute(delete(Dashboard).where(Dashboard.id == dashboard_id))
