"""What belongs to one person, across all groups: handed out on their request, and erased after they have left."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(Path(__file__).with_name("0007_privacy.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("Text of the ledger that was blanked since would look like a forgery to the older rules.")
