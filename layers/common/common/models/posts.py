"""Schema `posts`: what people write, and the tags they put on it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base

_PUBLISHED = text("deleted_at IS NULL")


class Post(Base):
    """`body` is Markdown as written, `html` its sanitised rendering, `version` counts edits from 1."""

    __tablename__ = "posts"
    __table_args__ = (
        CheckConstraint("char_length(title) BETWEEN 1 AND 200", name="title"),
        CheckConstraint("char_length(body) BETWEEN 1 AND 100000", name="body"),
        # Exactly the order of the lists, tie-breaker and all, so that every page is one index range.
        Index("ix_posts_newest", "created_at", "id", postgresql_where=_PUBLISHED),
        Index("ix_posts_author_newest", "author_id", "created_at", "id", postgresql_where=_PUBLISHED),
        {"schema": "posts"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    slug: Mapped[str] = mapped_column(Text, unique=True)
    author_id: Mapped[UUID]
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    excerpt: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[datetime | None]


class Tag(Base):
    __tablename__ = "tags"
    __table_args__ = ({"schema": "posts"},)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    name: Mapped[str] = mapped_column(Text, unique=True)


class PostTag(Base):
    """`created_at` is the post's: a tag's list is then one index range as well."""

    __tablename__ = "post_tags"
    __table_args__ = (Index("ix_post_tags_newest", "tag_id", "created_at", "post_id"), {"schema": "posts"})

    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.posts.id"), primary_key=True)
    tag_id: Mapped[UUID] = mapped_column(ForeignKey("posts.tags.id"), primary_key=True)
    created_at: Mapped[datetime]
