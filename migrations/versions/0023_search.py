"""Posts are found by their words, tags are counted, slugs can be chosen, and writing can be repeated under a key."""

from pathlib import Path

from alembic import op

revision = "0023"
down_revision = "0022"

_PARTS = ("search", "tag_counts", "slugs", "keys")


def upgrade() -> None:
    for part in _PARTS:
        op.execute(Path(__file__).with_name(f"{revision}_{part}.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("Old links and what was written under a key would be forgotten.")
