"""What the money group holds of a person by now: handed out on their request, and erased after they have left."""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute(Path(__file__).with_name("0013_privacy.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("What was erased since cannot come back.")
