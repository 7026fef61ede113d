"""A workbook that takes another's place in its dataset."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.add_column("uploads", sa.Column("replaces", sa.Uuid()), schema="analytics")
    op.execute("GRANT UPDATE (upload_id) ON analytics.datasets TO artel_analytics")


def downgrade() -> None:
    op.drop_column("uploads", "replaces", schema="analytics")
