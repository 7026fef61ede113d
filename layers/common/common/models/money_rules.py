"""Schema `money`: what administrators set and did, and what people are told."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base

_CURRENCY = "money.currencies.code"


class FeeRule(Base):
    """flat + rate × amount, not below `minimum` nor above `maximum`, rounded up. One in force for each operation and currency."""

    __tablename__ = "fee_rules"
    __table_args__ = (
        CheckConstraint("operation IN ('transfer', 'withdrawal', 'capture')", name="operation"),
        CheckConstraint("flat >= 0", name="flat"),
        CheckConstraint("rate >= 0 AND rate < 1", name="rate"),
        CheckConstraint("minimum >= 0", name="minimum"),
        CheckConstraint("maximum >= minimum", name="maximum"),
        Index(
            "uq_fee_rules_operation_currency",
            "operation",
            "currency",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        {"schema": "money"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    operation: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(ForeignKey(_CURRENCY))
    flat: Mapped[int] = mapped_column(BigInteger)
    rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    minimum: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    maximum: Mapped[int | None] = mapped_column(BigInteger)
    created_by: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]


class Limit(Base):
    """What somebody may send at once and in a day (UTC). Without an owner: everybody who has no line of their own."""

    __tablename__ = "limits"
    __table_args__ = (
        CheckConstraint("per_operation >= 0", name="per_operation"),
        CheckConstraint("per_day >= 0", name="per_day"),
        UniqueConstraint("owner_id", "currency", postgresql_nulls_not_distinct=True),
        {"schema": "money"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    owner_id: Mapped[UUID | None]
    currency: Mapped[str] = mapped_column(ForeignKey(_CURRENCY))
    per_operation: Mapped[int | None] = mapped_column(BigInteger)
    per_day: Mapped[int | None] = mapped_column(BigInteger)
    created_by: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Spent(Base):
    """What somebody with a daily limit has sent on a day."""

    __tablename__ = "spent"
    __table_args__ = (CheckConstraint("amount >= 0", name="amount"), {"schema": "money"})

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)


class Event(Base):
    """Something that happened to a person's money. `position`: in which order it became known; null: it is not announced yet."""

    __tablename__ = "events"
    __table_args__ = (
        Index(None, "owner_id", "position"),
        Index(None, "id", postgresql_where=text("position IS NULL")),
        {"schema": "money"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    owner_id: Mapped[UUID]
    type: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    position: Mapped[int | None] = mapped_column(BigInteger, unique=True)


class Action(Base):
    """What an administrator did, to which account, transfer or rule, and why. Append-only."""

    __tablename__ = "actions"
    __table_args__ = (Index(None, "subject", "id"), {"schema": "money"})

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_id: Mapped[UUID]
    action: Mapped[str] = mapped_column(Text)
    subject: Mapped[UUID]
    reason: Mapped[str] = mapped_column(Text, server_default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))


class Adjustment(Base):
    """A correction: one administrator proposes it, another one posts it. A positive amount is credited to the account."""

    __tablename__ = "adjustments"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("decided_by <> proposed_by", name="two_people"),
        CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL) AND (transaction_id IS NULL OR decided_by IS NOT NULL)",
            name="decided",
        ),
        {"schema": "money"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    account_id: Mapped[UUID] = mapped_column(ForeignKey("money.accounts.id"), index=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[UUID]
    proposed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    transaction_id: Mapped[UUID | None] = mapped_column(ForeignKey("money.transactions.id"), unique=True)


class Check(Base):
    """A check of the books: when it is due next, and what it found last."""

    __tablename__ = "checks"
    __table_args__ = ({"schema": "money"},)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    checked_at: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
