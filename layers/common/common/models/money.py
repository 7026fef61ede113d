"""Schema `money`. Amounts are minor units. Only the functions of the schema write here; see the migration's SQL."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base


class Currency(Base):
    """ISO 4217: the code, and how many digits its minor unit has."""

    __tablename__ = "currencies"
    __table_args__ = (
        CheckConstraint("code ~ '^[A-Z]{3}$'", name="code"),
        CheckConstraint("exponent BETWEEN 0 AND 4", name="exponent"),
        {"schema": "money"},
    )

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    exponent: Mapped[int] = mapped_column(SmallInteger)


class Account(Base):
    """A ledger account. People's are credit-normal (we owe them); clearing accounts are debit-normal and unbounded.

    `overdraft` is how far below zero the available balance may go; null: any distance.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("id", "currency"),
        CheckConstraint("normal_side IN ('debit', 'credit')", name="normal_side"),
        CheckConstraint("debits >= 0 AND credits >= 0 AND held >= 0 AND overdraft >= 0", name="counters"),
        CheckConstraint("(owner_id IS NULL) = (code IS NOT NULL)", name="owner"),
        CheckConstraint(
            "overdraft IS NULL OR overdraft - held + "
            "CASE normal_side WHEN 'credit' THEN credits - debits ELSE debits - credits END >= 0",
            name="available",
        ),
        Index(None, "owner_id", "id"),
        {"schema": "money"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    owner_id: Mapped[UUID | None]
    code: Mapped[str | None] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(ForeignKey("money.currencies.code"))
    normal_side: Mapped[str] = mapped_column(Text)
    debits: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    credits: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    held: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    overdraft: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Transaction(Base):
    """A journal entry: two or more entries that sum to zero per currency. Never changed, never deleted."""

    __tablename__ = "transactions"
    __table_args__ = (
        CheckConstraint("kind IN ('deposit', 'transfer')", name="kind"),
        {"schema": "money"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    created_by: Mapped[UUID]
    posted_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Entry(Base):
    """One side of a transaction on one account; `balance_after` is in the account's normal direction."""

    __tablename__ = "entries"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "currency"], ["money.accounts.id", "money.accounts.currency"]),
        UniqueConstraint("transaction_id", "account_id"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("side IN ('debit', 'credit')", name="side"),
        {"schema": "money"},
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    transaction_id: Mapped[UUID] = mapped_column(ForeignKey("money.transactions.id"))
    currency: Mapped[str] = mapped_column(Text)
    side: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    balance_after: Mapped[int] = mapped_column(BigInteger)


class IdempotencyKey(Base):
    """What a principal's key led to, for ever: `outcome` is the answer a retry gets."""

    __tablename__ = "idempotency_keys"
    __table_args__ = ({"schema": "money"},)

    principal_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    outcome: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
