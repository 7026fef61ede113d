"""Posts that cost something, reports about them, and pictures in them."""

from pathlib import Path

from alembic import op

revision = "0018"
down_revision = "0019"

_PARTS = ("paid", "moderation", "images", "privacy")


def upgrade() -> None:
    for part in _PARTS:
        op.execute(Path(__file__).with_name(f"{revision}_{part}.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("What people have paid for would be lost.")
