"""Schema `posts`: by what posts are found, and how many there are of each tag."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Integer, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base


class SearchDocument(Base):
    """Of what everybody may read of a post. Kept by triggers, for each that is shown or waits to be."""

    __tablename__ = "search_documents"
    __table_args__ = (
        Index(
            "ix_search_documents_document", "document", postgresql_using="gin", postgresql_with={"fastupdate": "off"}
        ),
        {"schema": "posts"},
    )

    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.posts.id", ondelete="CASCADE"), primary_key=True)
    published_at: Mapped[datetime]
    author_id: Mapped[UUID]
    tag_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    document: Mapped[str] = mapped_column(TSVECTOR)


class TagDelta(Base):
    """A change of a tag's count from `at` on, not yet added up."""

    __tablename__ = "tag_deltas"
    __table_args__ = (Index(None, "tag_id"), Index(None, "at"), {"schema": "posts"})

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    tag_id: Mapped[UUID] = mapped_column(ForeignKey("posts.tags.id", ondelete="CASCADE"))
    delta: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]
