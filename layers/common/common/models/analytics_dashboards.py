"""Schema `analytics`: dashboards."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base


class Dashboard(Base):
    """`widgets` and `filters` are what the API takes. `dataset_id`: of the one that was made for a dataset, and goes with it."""

    __tablename__ = "dashboards"
    __table_args__ = (
        Index("ix_dashboards_newest", "user_id", "created_at", "id"),
        Index("uq_dashboards_dataset_id", "dataset_id", unique=True, postgresql_where=text("dataset_id IS NOT NULL")),
        {"schema": "analytics"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    user_id: Mapped[UUID]
    dataset_id: Mapped[UUID | None] = mapped_column(ForeignKey("analytics.datasets.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Text)
    widgets: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    filters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class DashboardShare(Base):
    """A link by which anybody may look at it. `token_hash`: SHA-256 of what the link holds."""

    __tablename__ = "dashboard_shares"
    __table_args__ = (Index(None, "dashboard_id"), {"schema": "analytics"})

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    dashboard_id: Mapped[UUID] = mapped_column(ForeignKey("analytics.dashboards.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime | None]


class Report(Base):
    """When the dashboard's owner wants a letter of it; see revision 0027."""

    __tablename__ = "reports"
    __table_args__ = (
        CheckConstraint("every IN ('day', 'week', 'month')", name="every"),
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        CheckConstraint("day BETWEEN 1 AND 28", name="day"),
        CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
        Index(None, "due_at"),
        {"schema": "analytics"},
    )

    dashboard_id: Mapped[UUID] = mapped_column(
        ForeignKey("analytics.dashboards.id", ondelete="CASCADE"), primary_key=True
    )
    every: Mapped[str] = mapped_column(Text)
    weekday: Mapped[int] = mapped_column(Integer)
    day: Mapped[int] = mapped_column(Integer)
    hour: Mapped[int] = mapped_column(Integer)
    time_zone: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
