"""Deposits, withdrawals and what providers say of them."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"

_PARTS = ("tables", "beginning", "settling", "reconciling", "before", "grants")


def upgrade() -> None:
    for part in _PARTS:
        op.execute(Path(__file__).with_name(f"{revision}_{part}.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("What people did with it since would be lost.")
