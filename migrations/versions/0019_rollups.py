"""What came in and went out of each account, added up by day and kind as it is sealed, so that nobody adds up histories."""

from pathlib import Path

from alembic import op

revision = "0019"
down_revision = "0014"


def upgrade() -> None:
    op.execute(Path(__file__).with_name("0019_rollups.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("The older statistics read a view that is gone.")
