"""Dashboards."""

from pathlib import Path

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.execute(Path(__file__).with_name("0025_dashboards.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("What people have arranged would be lost.")
