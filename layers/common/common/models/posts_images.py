"""Schema `posts`: pictures that people put into posts. The files are in the object store."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base


class Image(Base):
    """`folder` is the prefix of all its files. `sizes`: which copies there are, by their greatest width. `width` and `height`: as it
    was sent, upright."""

    __tablename__ = "images"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'ready', 'refused')", name="state"),
        Index(None, "owner_id", "created_at", "id"),
        Index(None, "checked_at"),
        Index("ix_images_original", "created_at", postgresql_where=text("NOT original_deleted")),
        {"schema": "posts"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    owner_id: Mapped[UUID]
    bucket: Mapped[str] = mapped_column(Text)
    folder: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="waiting")
    sizes: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'"))
    width: Mapped[int | None]
    height: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    checked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    original_deleted: Mapped[bool] = mapped_column(server_default=text("false"))
