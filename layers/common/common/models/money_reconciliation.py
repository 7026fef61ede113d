"""Schema `money`: what providers' own lists say, and how they compare with ours."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base

_CURRENCY, _TRANSACTION = "money.currencies.code", "money.transactions.id"


class ProviderTransaction(Base):
    """A line of a provider's balance list. A positive amount is what it owes us more, before its fee."""

    __tablename__ = "provider_transactions"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'transit', 'matched', 'differs', 'suspense', 'gone')", name="state"),
        Index(None, "provider", "currency", "at"),
        Index(None, "provider", "reference"),
        {"schema": "money"},
    )

    provider: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    fee: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    currency: Mapped[str] = mapped_column(ForeignKey(_CURRENCY))
    reference: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(Text, server_default="open")
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("money.payments.id"))
    transaction_id: Mapped[UUID | None] = mapped_column(ForeignKey(_TRANSACTION), unique=True)
    fee_transaction_id: Mapped[UUID | None] = mapped_column(ForeignKey(_TRANSACTION), unique=True)


class Reconciliation(Base):
    """One comparison of a provider's list with ours, in one currency."""

    __tablename__ = "reconciliations"
    __table_args__ = (
        CheckConstraint("period_start < period_end", name="period"),
        CheckConstraint("difference = their_total - our_total", name="difference"),
        CheckConstraint("status = CASE unmatched WHEN 0 THEN 'agrees' ELSE 'differs' END", name="status"),
        {"schema": "money"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    provider: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(ForeignKey(_CURRENCY))
    period_start: Mapped[datetime]
    period_end: Mapped[datetime]
    our_total: Mapped[int] = mapped_column(BigInteger)
    their_total: Mapped[int] = mapped_column(BigInteger)
    difference: Mapped[int] = mapped_column(BigInteger)
    fees: Mapped[int] = mapped_column(BigInteger)
    matched: Mapped[int] = mapped_column(Integer)
    in_transit: Mapped[int] = mapped_column(Integer)
    unmatched: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(Text)
    created_by: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ReconciliationLine(Base):
    """What only one side has, or both with different amounts."""

    __tablename__ = "reconciliation_lines"
    __table_args__ = (
        CheckConstraint("reason IN ('ours_only', 'theirs_only', 'amount_differs')", name="reason"),
        {"schema": "money"},
    )

    reconciliation_id: Mapped[UUID] = mapped_column(ForeignKey("money.reconciliations.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(Text)
    provider_transaction_id: Mapped[str | None] = mapped_column(Text)
    reference: Mapped[str | None] = mapped_column(Text)
    payment_id: Mapped[UUID | None]
    transaction_id: Mapped[UUID | None]
    ours: Mapped[int] = mapped_column(BigInteger)
    theirs: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]


class ReconciliationSchedule(Base):
    """When a provider's list is to be looked at next, and up to when it was."""

    __tablename__ = "reconciliation_schedule"
    __table_args__ = ({"schema": "money"},)

    provider: Mapped[str] = mapped_column(Text, primary_key=True)
    due_at: Mapped[datetime]
    done_until: Mapped[datetime | None]
