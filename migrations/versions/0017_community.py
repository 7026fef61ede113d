"""Comments, reactions, bookmarks, follows, and notifications of them."""

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0018"

_PARTS = ("community", "notifications", "counters", "telling", "privacy")


def upgrade() -> None:
    for part in _PARTS:
        op.execute(Path(__file__).with_name(f"{revision}_{part}.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("What people have said since would be lost.")
