"""The ledger: tables, the rules they enforce, and the functions that are the only way to write them."""

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0003"
down_revision = "0002"


def _moment(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False)


def _counter(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)


def _accounts() -> None:
    op.create_table(
        "currencies",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("exponent", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("code ~ '^[A-Z]{3}$'", name=op.f("ck_currencies_code")),
        sa.CheckConstraint("exponent BETWEEN 0 AND 4", name=op.f("ck_currencies_exponent")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_currencies")),
        schema="money",
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), server_default=sa.func.uuidv7(), nullable=False),
        sa.Column("owner_id", sa.Uuid()),
        sa.Column("code", sa.Text()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("normal_side", sa.Text(), nullable=False),
        *(_counter(name) for name in ("debits", "credits", "held")),
        sa.Column("overdraft", sa.BigInteger()),
        _counter("version"),
        _moment("created_at"),
        sa.CheckConstraint("normal_side IN ('debit', 'credit')", name=op.f("ck_accounts_normal_side")),
        sa.CheckConstraint(
            "debits >= 0 AND credits >= 0 AND held >= 0 AND overdraft >= 0", name=op.f("ck_accounts_counters")
        ),
        sa.CheckConstraint("(owner_id IS NULL) = (code IS NOT NULL)", name=op.f("ck_accounts_owner")),
        sa.CheckConstraint(
            "overdraft IS NULL OR overdraft - held + "
            "CASE normal_side WHEN 'credit' THEN credits - debits ELSE debits - credits END >= 0",
            name=op.f("ck_accounts_available"),
        ),
        sa.ForeignKeyConstraint(["currency"], ["money.currencies.code"], name=op.f("fk_accounts_currency_currencies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("code", name=op.f("uq_accounts_code")),
        sa.UniqueConstraint("id", "currency", name=op.f("uq_accounts_id_currency")),
        schema="money",
    )
    op.create_index(op.f("ix_accounts_owner_id_id"), "accounts", ["owner_id", "id"], schema="money")


def _journal() -> None:
    op.create_table(
        "transactions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        _moment("posted_at"),
        sa.CheckConstraint("kind IN ('deposit', 'transfer')", name=op.f("ck_transactions_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transactions")),
        schema="money",
    )
    op.create_table(
        "entries",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("account_version", sa.BigInteger(), nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_entries_amount")),
        sa.CheckConstraint("side IN ('debit', 'credit')", name=op.f("ck_entries_side")),
        sa.ForeignKeyConstraint(
            ["account_id", "currency"],
            ["money.accounts.id", "money.accounts.currency"],
            name=op.f("fk_entries_account_id_currency_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["money.transactions.id"], name=op.f("fk_entries_transaction_id_transactions")
        ),
        sa.PrimaryKeyConstraint("account_id", "account_version", name=op.f("pk_entries")),
        sa.UniqueConstraint("transaction_id", "account_id", name=op.f("uq_entries_transaction_id_account_id")),
        schema="money",
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", pg.JSONB(), nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("principal_id", "key", name=op.f("pk_idempotency_keys")),
        schema="money",
    )


def upgrade() -> None:
    _accounts()
    _journal()
    for part in ("currencies", "rules", "functions", "reading"):
        op.execute(Path(__file__).with_name(f"0003_{part}.sql").read_text())


def downgrade() -> None:
    op.execute("DROP SCHEMA money CASCADE")
    op.execute("CREATE SCHEMA money")
    op.execute("GRANT USAGE ON SCHEMA money TO artel_money")
