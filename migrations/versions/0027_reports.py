"""Dashboards as letters, by a plan."""

from pathlib import Path

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.execute(Path(__file__).with_name("0027_reports.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("What people have planned would be lost.")
