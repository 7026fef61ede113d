"""Events that are delivered to other systems."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"

_PARTS = ("events", "endpoints", "deliveries", "upkeep")


def upgrade() -> None:
    for part in _PARTS:
        op.execute(Path(__file__).with_name(f"{revision}_{part}.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("What people did with it since would be lost.")
