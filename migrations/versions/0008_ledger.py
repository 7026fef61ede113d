"""The ledger in full: hot accounts, holds, refunds, fees, limits, seals. Transfers in one call, one by one and many at once."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"

_PARTS = (
    "tables",
    "rules",
    "reading",
    "keys",
    "posting",
    "fees",
    "accounts",
    "transfers",
    "holds",
    "adjustments",
    "sealing",
    "checks",
    "grants",
    "privacy",
)


def upgrade() -> None:
    for part in _PARTS:
        op.execute(Path(__file__).with_name(f"0008_{part}.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("Entries that were posted since know more than the older tables can hold.")
