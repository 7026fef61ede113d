"""What a post was before each edit, and who has deleted it."""

from pathlib import Path

from alembic import op

revision = "0022"
down_revision = "0017"


def upgrade() -> None:
    op.execute(Path(__file__).with_name("0022_lifecycle.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("What posts were before their edits would be lost.")
