"""Schema `posts`: what readers say and do about posts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base

_POST = "posts.posts.id"


class Comment(Base):
    """`path`: the ids of all comments from the top of the thread to this one, 16 bytes each; `depth` is 0 at the top.

    A deleted comment keeps its place without words, an erased person's without its author.
    """

    __tablename__ = "comments"
    __table_args__ = (
        CheckConstraint("depth BETWEEN 0 AND 100 AND octet_length(path) = 16 * (depth + 1)", name="path"),
        CheckConstraint(
            "CASE WHEN deleted_at IS NULL THEN char_length(body) BETWEEN 1 AND 10000 AND author_id IS NOT NULL "
            "ELSE body = '' END",
            name="body",
        ),
        Index("ix_comments_thread", "post_id", "path", unique=True),
        Index("ix_comments_top", "post_id", "id", postgresql_where=text("parent_id IS NULL")),
        Index("ix_comments_parent_id", "parent_id"),
        Index("ix_comments_author", "author_id", "created_at"),
        {"schema": "posts"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    post_id: Mapped[UUID] = mapped_column(ForeignKey(_POST, ondelete="CASCADE"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("posts.comments.id", ondelete="CASCADE"))
    path: Mapped[bytes] = mapped_column(LargeBinary)
    depth: Mapped[int] = mapped_column(Integer)
    author_id: Mapped[UUID | None]
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class Reaction(Base):
    __tablename__ = "reactions"
    __table_args__ = (
        CheckConstraint("kind IN ('like', 'love', 'laugh', 'wow', 'sad', 'thanks')", name="kind"),
        Index("ix_reactions_person_id", "person_id"),
        {"schema": "posts"},
    )

    post_id: Mapped[UUID] = mapped_column(ForeignKey(_POST, ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Bookmark(Base):
    __tablename__ = "bookmarks"
    __table_args__ = (
        Index("ix_bookmarks_newest", "person_id", "created_at", "post_id"),
        Index("ix_bookmarks_post_id", "post_id"),
        {"schema": "posts"},
    )

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    post_id: Mapped[UUID] = mapped_column(ForeignKey(_POST, ondelete="CASCADE"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class FollowedAuthor(Base):
    """`id`: how far a new post has been told to the followers of its author."""

    __tablename__ = "followed_authors"
    __table_args__ = (
        CheckConstraint("person_id <> author_id", name="another"),
        UniqueConstraint("id"),
        Index("ix_followed_authors_followers", "author_id", "id", unique=True),
        {"schema": "posts"},
    )

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    author_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class FollowedTag(Base):
    __tablename__ = "followed_tags"
    __table_args__ = (Index("ix_followed_tags_tag_id", "tag_id"), {"schema": "posts"})

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    tag_id: Mapped[UUID] = mapped_column(ForeignKey("posts.tags.id", ondelete="CASCADE"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Counter(Base):
    """How many there are of a kind (of reaction, or comments), less what waits in `counter_deltas`."""

    __tablename__ = "counters"
    __table_args__ = ({"schema": "posts"},)

    post_id: Mapped[UUID] = mapped_column(ForeignKey(_POST, ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    total: Mapped[int] = mapped_column(BigInteger)


class CounterDelta(Base):
    __tablename__ = "counter_deltas"
    __table_args__ = (Index("ix_counter_deltas_post_id", "post_id"), {"schema": "posts"})

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    post_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    delta: Mapped[int] = mapped_column(Integer)
