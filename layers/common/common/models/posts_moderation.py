"""Schema `posts`: what was reported, and what moderators did."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base

_OPEN = text("closed_at IS NULL")
_KIND = "subject_kind IN ('post', 'comment')"


class ModerationCase(Base):
    """A subject that was reported. One is open at most; `reports` counts who reported it."""

    __tablename__ = "moderation_cases"
    __table_args__ = (
        CheckConstraint(_KIND, name="subject_kind"),
        Index("uq_moderation_cases_open", "subject_kind", "subject_id", unique=True, postgresql_where=_OPEN),
        Index(None, "opened_at", "id", postgresql_where=_OPEN),
        {"schema": "posts"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    subject_kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    reports: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now())
    closed_at: Mapped[datetime | None]


class Report(Base):
    __tablename__ = "reports"
    __table_args__ = (
        CheckConstraint(
            "reason IN ('spam', 'abuse', 'hate', 'sexual', 'violence', 'illegal', 'copyright', 'personal_data', 'other')",
            name="reason",
        ),
        Index(None, "reporter_id", "created_at"),
        {"schema": "posts"},
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("posts.moderation_cases.id"), primary_key=True)
    reporter_id: Mapped[UUID] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ModerationAction(Base):
    """What a moderator did, for good: rows are never changed, but for the words of who is erased."""

    __tablename__ = "moderation_actions"
    __table_args__ = (
        CheckConstraint(_KIND, name="subject_kind"),
        CheckConstraint("action IN ('dismiss', 'hide', 'remove', 'restore')", name="action"),
        Index(None, "subject_id", "id"),
        Index(None, "actor_id", "id"),
        {"schema": "posts"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_id: Mapped[UUID]
    subject_kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    action: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("posts.moderation_cases.id"))


class Appeal(Base):
    """An author's objection to what was done to a text of theirs: once for each time. It opens a case, or joins the open one."""

    __tablename__ = "appeals"
    __table_args__ = (Index(None, "case_id"), {"schema": "posts"})

    action_id: Mapped[UUID] = mapped_column(ForeignKey("posts.moderation_actions.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("posts.moderation_cases.id"))
    words: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
