"""Quotes and exchanges."""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"

_PARTS = ("tables", "rates", "exchange", "grants")


def upgrade() -> None:
    for part in _PARTS:
        op.execute(Path(__file__).with_name(f"{revision}_{part}.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("What people did with it since would be lost.")
