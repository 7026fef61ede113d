"""Schema `analytics`: uploaded workbooks and the datasets they became. The rows themselves are in Parquet files in S3."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Integer, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base


class Upload(Base):
    """One content of one object: the same object put again with other bytes is another upload.

    `etag` is unknown until the object arrives. Whoever processes it holds a lease until `claimed_until` and knows
    itself by `attempts`: a worker that lost its lease must not write any more. `replaces` is the dataset whose workbook it is
    to be from then on.
    """

    __tablename__ = "uploads"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'processing', 'done', 'failed')", name="state"),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
        Index("uq_uploads_content", "bucket", "key", "etag", unique=True),
        Index("uq_uploads_awaited", "bucket", "key", unique=True, postgresql_where=text("etag IS NULL")),
        Index("ix_uploads_newest", "user_id", "created_at", "id"),
        Index(
            "ix_uploads_failed",
            "finished_at",
            postgresql_where=text("state = 'failed' AND file_deleted_at IS NULL"),
        ),
        {"schema": "analytics"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    user_id: Mapped[UUID]
    bucket: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    etag: Mapped[str | None] = mapped_column(Text)
    filename: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    replaces: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(Text, server_default="waiting")
    percent: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    rows_read: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    rows_refused: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    problems_count: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    error: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]
    file_deleted_at: Mapped[datetime | None]


class UploadProblem(Base):
    """A cell that could not be read, or a row that was left out; `cell` and `sheet` are the workbook's own names."""

    __tablename__ = "upload_problems"
    __table_args__ = ({"schema": "analytics"},)

    upload_id: Mapped[UUID] = mapped_column(ForeignKey("analytics.uploads.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    sheet: Mapped[str] = mapped_column(Text)
    cell: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)


class Dataset(Base):
    """`notes` say what was assumed about the workbook as a whole.

    `told` is what the person has said of columns, by table and name; `wanted` the same while the workbook is read again by
    it. `revision` counts the readings.
    """

    __tablename__ = "datasets"
    __table_args__ = (Index("ix_datasets_newest", "user_id", "created_at", "id"), {"schema": "analytics"})

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("analytics.uploads.id"), unique=True)
    name: Mapped[str] = mapped_column(Text)
    notes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    problems_count: Mapped[int] = mapped_column(BigInteger)
    told: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSONB, server_default=text("'{}'"))
    wanted: Mapped[dict[str, dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    revision: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class DatasetTable(Base):
    """One table; `columns` are name, title, unit, type, scale, role, note and profile of each.

    `etag` is the Parquet file's, so that a local copy of it is known to be the same.
    """

    __tablename__ = "dataset_tables"
    __table_args__ = ({"schema": "analytics"},)

    dataset_id: Mapped[UUID] = mapped_column(ForeignKey("analytics.datasets.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    sheets: Mapped[list[str]] = mapped_column(ARRAY(Text))
    hidden: Mapped[bool]
    rows: Mapped[int] = mapped_column(BigInteger)
    rows_refused: Mapped[int] = mapped_column(BigInteger)
    bucket: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    etag: Mapped[str] = mapped_column(Text)
    notes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    columns: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class StaleFile(Base):
    """A file of what was deleted. A `key` that ends with a slash means all that stands under it."""

    __tablename__ = "stale_files"
    __table_args__ = ({"schema": "analytics"},)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    bucket: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(server_default=func.now())
