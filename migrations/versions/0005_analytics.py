"""Uploads and datasets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0005"
down_revision = "0004"

SCHEMA = "analytics"


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)


def _uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid(), server_default=sa.func.uuidv7(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        _text("bucket"),
        _text("key"),
        _text("etag", nullable=True),
        _text("filename"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("percent", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _count("rows_read"),
        _count("rows_refused"),
        _count("problems_count"),
        _text("error", nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state IN ('waiting', 'processing', 'done', 'failed')", name=op.f("ck_uploads_state")),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_uploads_percent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        schema=SCHEMA,
    )
    op.create_index("ix_uploads_newest", "uploads", ["user_id", "created_at", "id"], schema=SCHEMA)
    op.create_index("uq_uploads_content", "uploads", ["bucket", "key", "etag"], unique=True, schema=SCHEMA)
    op.create_index(
        "uq_uploads_awaited",
        "uploads",
        ["bucket", "key"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("etag IS NULL"),
    )


def _problems() -> None:
    op.create_table(
        "upload_problems",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *(_text(name) for name in ("sheet", "cell", "value", "reason")),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["analytics.uploads.id"], name=op.f("fk_upload_problems_upload_id_uploads")
        ),
        sa.PrimaryKeyConstraint("upload_id", "position", name=op.f("pk_upload_problems")),
        schema=SCHEMA,
    )


def _datasets() -> None:
    op.create_table(
        "datasets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        _text("name"),
        sa.Column("notes", ARRAY(sa.Text()), nullable=False),
        sa.Column("problems_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["analytics.uploads.id"], name=op.f("fk_datasets_upload_id_uploads")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_datasets")),
        sa.UniqueConstraint("upload_id", name=op.f("uq_datasets_upload_id")),
        schema=SCHEMA,
    )
    op.create_index("ix_datasets_newest", "datasets", ["user_id", "created_at", "id"], schema=SCHEMA)
    op.create_table(
        "dataset_tables",
        sa.Column("dataset_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("name"),
        sa.Column("sheets", ARRAY(sa.Text()), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("rows_refused", sa.BigInteger(), nullable=False),
        *(_text(name) for name in ("bucket", "key", "etag")),
        sa.Column("notes", ARRAY(sa.Text()), nullable=False),
        sa.Column("columns", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["analytics.datasets.id"], name=op.f("fk_dataset_tables_dataset_id_datasets")
        ),
        sa.PrimaryKeyConstraint("dataset_id", "position", name=op.f("pk_dataset_tables")),
        schema=SCHEMA,
    )


def upgrade() -> None:
    _uploads()
    _problems()
    _datasets()
    op.execute("GRANT SELECT, INSERT, UPDATE ON analytics.uploads TO artel_analytics")
    op.execute(
        "GRANT SELECT, INSERT ON analytics.upload_problems, analytics.datasets, analytics.dataset_tables TO artel_analytics"
    )


def downgrade() -> None:
    for table in ("dataset_tables", "datasets", "upload_problems", "uploads"):
        op.drop_table(table, schema=SCHEMA)
