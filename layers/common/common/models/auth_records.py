"""Schema `auth`: what is counted, sent, noted down and handed out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base


class Limit(Base):
    """Hits in a window. `key` is an HMAC of what is limited: the table names nobody."""

    __tablename__ = "limits"
    __table_args__ = ({"schema": "auth"},)

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    hits: Mapped[int] = mapped_column(Integer)
    window_ends: Mapped[datetime] = mapped_column(index=True)


class QueuedMail(Base):
    """A letter not yet handed over. Without a recipient it is sent to nobody, and only costs what a letter costs."""

    __tablename__ = "mails"
    __table_args__ = ({"schema": "auth"},)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    recipient: Mapped[str | None] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    due_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AuditEntry(Base):
    """What happened to an account (`user_id`) and who did it (`actor_id`). The service may add lines, never change one."""

    __tablename__ = "audit_log"
    __table_args__ = (Index(None, "user_id", "id"), Index(None, "actor_id", "id"), {"schema": "auth"})

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    event: Mapped[str] = mapped_column(Text)
    user_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    address: Mapped[str] = mapped_column(Text, server_default="")
    user_agent: Mapped[str] = mapped_column(Text, server_default="")
    request_id: Mapped[str] = mapped_column(Text, server_default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))


class Export(Base):
    """A zip of everything about a person. `object_key` names it in the accounts bucket while it is ready."""

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'running', 'ready', 'failed', 'expired')", name="status"),
        Index(None, "user_id", "id"),
        Index(None, "status", postgresql_where=text("status IN ('queued', 'running', 'ready')")),
        {"schema": "auth"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    user_id: Mapped[UUID] = mapped_column(ForeignKey("auth.users.id"))
    status: Mapped[str] = mapped_column(Text, server_default="queued")
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    lease_until: Mapped[datetime | None]
    object_key: Mapped[str | None] = mapped_column(Text)
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
