"""Schema `posts`: whom something is told, what waits to be told, and by which letter."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Integer, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base

_POST = "posts.posts.id"
_COMMENT = "posts.comments.id"


class Notification(Base):
    """`people`: how many had reacted. `mailed_at`: when it was in a letter."""

    __tablename__ = "notifications"
    __table_args__ = (
        CheckConstraint("kind IN ('comment', 'reply', 'mention', 'follower', 'reaction', 'post')", name="kind"),
        Index("ix_notifications_newest", "recipient_id", "at", "id"),
        Index("ix_notifications_at", "at"),
        Index("ix_notifications_unread", "recipient_id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notifications_post_id", "post_id"),
        Index("ix_notifications_comment_id", "comment_id"),
        Index("ix_notifications_actor_id", "actor_id"),
        Index("uq_notifications_comment", "recipient_id", "comment_id", unique=True),
        Index(
            "uq_notifications_post",
            "recipient_id",
            "post_id",
            unique=True,
            postgresql_where=text("comment_id IS NULL AND kind <> 'reaction'"),
        ),
        Index(
            "uq_notifications_reaction",
            "recipient_id",
            "post_id",
            unique=True,
            postgresql_where=text("kind = 'reaction'"),
        ),
        Index(
            "uq_notifications_follower",
            "recipient_id",
            "actor_id",
            unique=True,
            postgresql_where=text("kind = 'follower'"),
        ),
        {"schema": "posts"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    recipient_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[UUID | None]
    post_id: Mapped[UUID | None] = mapped_column(ForeignKey(_POST, ondelete="CASCADE"))
    comment_id: Mapped[UUID | None] = mapped_column(ForeignKey(_COMMENT, ondelete="CASCADE"))
    people: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    read_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class NotificationSettings(Base):
    """Who has no row wants all of them, and a letter a week."""

    __tablename__ = "notification_settings"
    __table_args__ = (CheckConstraint("digest IN ('off', 'daily', 'weekly')", name="digest"), {"schema": "posts"})

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    muted: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    digest: Mapped[str] = mapped_column(Text, server_default=text("'weekly'"))


class Digest(Base):
    """When somebody who has news is to get the next letter of it."""

    __tablename__ = "digests"
    __table_args__ = (Index("ix_digests_due_at", "due_at"), {"schema": "posts"})

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]


class Happening(Base):
    """What somebody is to be told of. `mentions`: the handles in a comment."""

    __tablename__ = "happenings"
    __table_args__ = (
        CheckConstraint("kind IN ('comment', 'reaction', 'follower')", name="kind"),
        Index("ix_happenings_post_id", "post_id"),
        Index("ix_happenings_comment_id", "comment_id"),
        {"schema": "posts"},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    post_id: Mapped[UUID | None] = mapped_column(ForeignKey(_POST, ondelete="CASCADE"))
    comment_id: Mapped[UUID | None] = mapped_column(ForeignKey(_COMMENT, ondelete="CASCADE"))
    follow_id: Mapped[int | None] = mapped_column(BigInteger)
    mentions: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))


class Announcement(Base):
    """A post that was seen to be published. `told_up_to`: the follow up to which followers know; null: all do."""

    __tablename__ = "announcements"
    __table_args__ = (
        Index("ix_announcements_waiting", "post_id", postgresql_where=text("told_up_to IS NOT NULL")),
        {"schema": "posts"},
    )

    post_id: Mapped[UUID] = mapped_column(ForeignKey(_POST, ondelete="CASCADE"), primary_key=True)
    told_up_to: Mapped[int | None] = mapped_column(BigInteger)
