"""A post is a draft until it is published, which may be at a moment to come."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

PUBLISHED = sa.text("deleted_at IS NULL AND published_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("posts", sa.Column("published_at", sa.DateTime(timezone=True)), schema="posts")
    op.execute("UPDATE posts.posts SET published_at = created_at")
    op.alter_column("post_tags", "created_at", new_column_name="published_at", nullable=True, schema="posts")
    for name in ("ix_posts_newest", "ix_posts_author_newest"):
        op.drop_index(name, "posts", schema="posts")
    op.drop_index("ix_post_tags_newest", "post_tags", schema="posts")
    for name, columns in (
        ("ix_posts_newest", ["published_at", "id"]),
        ("ix_posts_author_newest", ["author_id", "published_at", "id"]),
    ):
        op.create_index(name, "posts", columns, schema="posts", postgresql_where=PUBLISHED)
    op.create_index(
        "ix_post_tags_newest",
        "post_tags",
        ["tag_id", "published_at", "post_id"],
        schema="posts",
        postgresql_where=sa.text("published_at IS NOT NULL"),
    )


def downgrade() -> None:
    raise NotImplementedError("The older tables would show drafts to everybody.")
