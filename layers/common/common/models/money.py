"""Schema `money`: accounts and the journal. Amounts are minor units. Only the functions of the schema write here; see the SQL
of revision 0008."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, DOMAIN, ENUM, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base

# Positive; not negative; two or more.
AMOUNT = DOMAIN("amount", BigInteger, schema="money", create_type=False)
TOTAL = DOMAIN("total", BigInteger, schema="money", create_type=False)
SIDE_COUNT = DOMAIN("side_count", SmallInteger, schema="money", create_type=False)
SIDE = ENUM("debit", "credit", name="side", schema="money", create_type=False)
ACCOUNT_STATUS = ENUM("open", "frozen", "closed", name="account_status", schema="money", create_type=False)
TRANSACTION_KIND = ENUM(
    "deposit",
    "withdrawal",
    "transfer",
    "capture",
    "reversal",
    "refund",
    "exchange",
    "adjustment",
    "claim",
    "return",
    "suspense",
    name="transaction_kind",
    schema="money",
    create_type=False,
)


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
    """A ledger account. People's are credit-normal (we owe them); Artel's own have a code, and most have no bound.

    `overdraft` is how far below zero the available balance may go; null: any distance. `hot`: what comes in waits in
    `money.deltas` to be folded, so that many can pay at the same time. `money.standing` counts that in.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("id", "currency"),
        CheckConstraint("overdraft - held + credits - debits >= 0", name="available"),
        Index(None, "owner_id", "id"),
        {"schema": "money"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    owner_id: Mapped[UUID | None]
    code: Mapped[str | None] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(ForeignKey("money.currencies.code"))
    normal_side: Mapped[str] = mapped_column(SIDE)
    debits: Mapped[int] = mapped_column(TOTAL, server_default=text("0"))
    credits: Mapped[int] = mapped_column(TOTAL, server_default=text("0"))
    held: Mapped[int] = mapped_column(TOTAL, server_default=text("0"))
    overdraft: Mapped[int | None] = mapped_column(TOTAL)
    version: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    status: Mapped[str] = mapped_column(ACCOUNT_STATUS, server_default="open")
    hot: Mapped[bool] = mapped_column(server_default=text("false"))


class Transaction(Base):
    """A journal entry: `sides` entries that sum to zero per currency. Never changed, never deleted.

    `original_id` is the transaction that a refund, a reversal, a claim or a return is about.
    """

    __tablename__ = "transactions"
    __table_args__ = (
        Index(
            "uq_transactions_original_id_kind",
            "original_id",
            "kind",
            unique=True,
            postgresql_where=text("kind <> 'refund'"),
        ),
        Index(None, "original_id", postgresql_where=text("original_id IS NOT NULL")),
        {"schema": "money"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(TRANSACTION_KIND)
    description: Mapped[str] = mapped_column(Text)
    created_by: Mapped[UUID]
    posted_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sides: Mapped[int] = mapped_column(SIDE_COUNT)
    original_id: Mapped[UUID | None] = mapped_column(ForeignKey("money.transactions.id"))


class Entry(Base):
    """One side of a transaction on one account; `balance_after` is in the account's normal direction.

    `booked_at` rises with the account's version.
    """

    __tablename__ = "entries"
    __table_args__ = (
        UniqueConstraint("transaction_id", "account_id"),
        {"schema": "money"},
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    transaction_id: Mapped[UUID]
    currency: Mapped[str] = mapped_column(Text)
    side: Mapped[str] = mapped_column(SIDE)
    amount: Mapped[int] = mapped_column(AMOUNT)
    balance_after: Mapped[int] = mapped_column(BigInteger)
    booked_at: Mapped[datetime]


class Delta(Base):
    """An entry of a hot account that has no place in its history yet."""

    __tablename__ = "deltas"
    __table_args__ = ({"schema": "money"},)

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    transaction_id: Mapped[UUID] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(Text)
    side: Mapped[str] = mapped_column(SIDE)
    amount: Mapped[int] = mapped_column(AMOUNT)


UNSEALED = Table("outbox", Base.metadata, Column("transaction_id", Uuid, nullable=False), schema="money")
"""Transactions that are posted and not sealed yet. It has no key and no index: whoever seals takes all of it."""


class Seal(Base):
    """One link of the hash chain over all transactions."""

    __tablename__ = "seals"
    __table_args__ = ({"schema": "money"},)

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    transaction_id: Mapped[UUID] = mapped_column(unique=True)
    accounts: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    digests: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary))
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class IdempotencyKey(Base):
    """What a principal's key led to, for ever. `outcome` is the answer a retry gets; null: `transaction_id` was posted."""

    __tablename__ = "idempotency_keys"
    __table_args__ = ({"schema": "money"},)

    principal_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    transaction_id: Mapped[UUID | None]
