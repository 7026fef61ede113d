"""Who has just written, so that they are shown what is there now."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "writers",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("wrote_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_writers")),
        schema="posts",
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON posts.writers TO artel_posts")


def downgrade() -> None:
    op.drop_table("writers", schema="posts")
