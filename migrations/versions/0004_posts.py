"""Posts and their tags."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

PUBLISHED = sa.text("deleted_at IS NULL")


def _moment(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False)


def _posts() -> None:
    op.create_table(
        "posts",
        sa.Column("id", sa.Uuid(), server_default=sa.func.uuidv7(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("char_length(title) BETWEEN 1 AND 200", name=op.f("ck_posts_title")),
        sa.CheckConstraint("char_length(body) BETWEEN 1 AND 100000", name=op.f("ck_posts_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("slug", name=op.f("uq_posts_slug")),
        schema="posts",
    )
    for name, columns in (
        ("ix_posts_newest", ["created_at", "id"]),
        ("ix_posts_author_newest", ["author_id", "created_at", "id"]),
    ):
        op.create_index(name, "posts", columns, schema="posts", postgresql_where=PUBLISHED)


def _tags() -> None:
    op.create_table(
        "tags",
        sa.Column("id", sa.Uuid(), server_default=sa.func.uuidv7(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("name", name=op.f("uq_tags_name")),
        schema="posts",
    )
    op.create_table(
        "post_tags",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.posts.id"], name=op.f("fk_post_tags_post_id_posts")),
        sa.ForeignKeyConstraint(["tag_id"], ["posts.tags.id"], name=op.f("fk_post_tags_tag_id_tags")),
        sa.PrimaryKeyConstraint("post_id", "tag_id", name=op.f("pk_post_tags")),
        schema="posts",
    )
    op.create_index("ix_post_tags_newest", "post_tags", ["tag_id", "created_at", "post_id"], schema="posts")


def upgrade() -> None:
    _posts()
    _tags()
    op.execute("GRANT SELECT, INSERT, UPDATE ON posts.posts TO artel_posts")
    op.execute("GRANT SELECT, INSERT ON posts.tags TO artel_posts")
    op.execute("GRANT SELECT, INSERT, DELETE ON posts.post_tags TO artel_posts")


def downgrade() -> None:
    for table in ("post_tags", "tags", "posts"):
        op.drop_table(table, schema="posts")
