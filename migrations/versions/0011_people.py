"""Sending to people: handles, claims, requests for payment, standing orders."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"

_PARTS = (
    "handles",
    "tables",
    "rates",
    "sending",
    "claims",
    "returns",
    "requests",
    "recurring",
    "runs",
    "letters",
    "reading",
    "grants",
)


def upgrade() -> None:
    for part in _PARTS:
        op.execute(Path(__file__).with_name(f"{revision}_{part}.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("What people did with it since would be lost.")
