"""Schema `posts`: what posts were before they were edited."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base


class Revision(Base):
    """A version that was edited since; `created_at` is when it was made, by `editor_id` (null: by the author)."""

    __tablename__ = "revisions"
    __table_args__ = (Index(None, "editor_id"), {"schema": "posts"})

    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.posts.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    editor_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
