"""Accounts in full: profile, second factors, passkeys, personal tokens, limits, letters, audit, exports."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(Path(__file__).with_name("0006_accounts.sql").read_text())


def downgrade() -> None:
    raise NotImplementedError("Refresh tokens are derived in another way since: going back would sign everybody out.")
