"""What people tell of their columns, and datasets read again by it."""

from pathlib import Path

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.execute(Path(__file__).with_name("0026_corrections.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("What people have told of their columns would be lost.")
