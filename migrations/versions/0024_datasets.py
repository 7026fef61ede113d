"""Uploads and datasets can be deleted, and uploads that failed tried again."""

from pathlib import Path

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.execute(Path(__file__).with_name("0024_datasets.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("The files of what was deleted would stay for ever.")
