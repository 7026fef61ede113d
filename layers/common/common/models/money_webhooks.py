"""Schema `money`: where people have events sent, and what became of it. See the SQL of revision 0010."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base

_PENDING = text("status = 'pending'")


class WebhookEndpoint(Base):
    """An address that gets a person's events. It holds no secret, only which of the derived ones sign: `secret`, and beside it
    those from `old_secret` on until `old_secret_until`."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        CheckConstraint("disabled_reason IN ('owner', 'gone', 'failing')", name="disabled_reason"),
        CheckConstraint("enabled = (disabled_reason IS NULL)", name="disabled"),
        Index(None, "owner_id", "id"),
        {"schema": "money"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    owner_id: Mapped[UUID]
    url: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    event_types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    disabled_reason: Mapped[str | None] = mapped_column(Text)
    secret: Mapped[int] = mapped_column(server_default=text("1"))
    old_secret: Mapped[int | None]
    old_secret_until: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    last_failed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Delivery(Base):
    """One event on its way to one endpoint. `leased_until`: somebody is sending it. `response`: the beginning of the answer."""

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'delivered', 'failed')", name="status"),
        CheckConstraint("(status = 'pending') = (finished_at IS NULL)", name="finished"),
        Index(None, "endpoint_id", "id"),
        Index(None, "endpoint_id", "due_at", postgresql_where=_PENDING),
        Index(None, "endpoint_id", postgresql_where=text("leased_until IS NOT NULL")),
        Index("uq_deliveries_endpoint_id_event_id", "endpoint_id", "event_id", unique=True, postgresql_where=_PENDING),
        {"schema": "money"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("money.webhook_endpoints.id", ondelete="CASCADE"))
    event_id: Mapped[UUID] = mapped_column(ForeignKey("money.events.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(Text, server_default="pending")
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    leased_until: Mapped[datetime | None]
    response_status: Mapped[int | None] = mapped_column(SmallInteger)
    response: Mapped[str] = mapped_column(Text, server_default="")
    error: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


WEBHOOK_MARK = Table("webhook_mark", Base.metadata, Column("position", BigInteger, nullable=False), schema="money")
"""One line: the position of the last event that was laid ready for endpoints."""


class MoneySecret(Base):
    """What keys are derived from where the environment has no secret for it."""

    __tablename__ = "secrets"
    __table_args__ = ({"schema": "money"},)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)
