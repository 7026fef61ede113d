"""Schema `money`: rates, quotes and exchanges."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    Text,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base

_CURRENCY = "money.currencies.code"
_ACCOUNT = ["money.accounts.id", "money.accounts.currency"]


class Rate(Base):
    """Units of `quote` for one of `base`, before the `spread` that the house keeps either way. One in force for a pair."""

    __tablename__ = "rates"
    __table_args__ = (
        CheckConstraint("rate > 0", name="rate"),
        CheckConstraint("spread >= 0 AND spread < 1", name="spread"),
        CheckConstraint("base <> quote", name="pair"),
        Index(
            "uq_rates_pair",
            text("LEAST(base, quote)"),
            text("GREATEST(base, quote)"),
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        {"schema": "money"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    base: Mapped[str] = mapped_column(ForeignKey(_CURRENCY))
    quote: Mapped[str] = mapped_column(ForeignKey(_CURRENCY))
    rate: Mapped[Decimal] = mapped_column(Numeric(24, 12))
    spread: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    created_by: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]


class ReferenceRate(Base):
    """A made-up rate for installations where nobody has set any; only local and dev ones use it."""

    __tablename__ = "reference_rates"
    __table_args__ = (CheckConstraint("per_euro > 0", name="per_euro"), {"schema": "money"})

    currency: Mapped[str] = mapped_column(ForeignKey(_CURRENCY), primary_key=True)
    per_euro: Mapped[Decimal] = mapped_column(Numeric(24, 12))


class Quote(Base):
    """An offer to exchange, good until `expires_at` and for one use. `rate` is what a person gets, after the spread."""

    __tablename__ = "quotes"
    __table_args__ = (
        ForeignKeyConstraint(["from_account_id", "sell_currency"], _ACCOUNT),
        ForeignKeyConstraint(["to_account_id", "buy_currency"], _ACCOUNT),
        CheckConstraint("sell_amount > 0", name="sell_amount"),
        CheckConstraint("buy_amount > 0", name="buy_amount"),
        Index(None, "expires_at", postgresql_where=text("NOT used")),
        {"schema": "money"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    owner_id: Mapped[UUID]
    from_account_id: Mapped[UUID]
    to_account_id: Mapped[UUID]
    sell_currency: Mapped[str] = mapped_column(Text)
    sell_amount: Mapped[int] = mapped_column(BigInteger)
    buy_currency: Mapped[str] = mapped_column(Text)
    buy_amount: Mapped[int] = mapped_column(BigInteger)
    rate: Mapped[Decimal] = mapped_column(Numeric)
    rate_id: Mapped[UUID | None] = mapped_column(ForeignKey("money.rates.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used: Mapped[bool] = mapped_column(server_default=text("false"))


class Exchange(Base):
    """The use of a quote: the transaction it led to."""

    __tablename__ = "exchanges"
    __table_args__ = (Index(None, "owner_id", "transaction_id"), {"schema": "money"})

    quote_id: Mapped[UUID] = mapped_column(ForeignKey("money.quotes.id"), primary_key=True)
    transaction_id: Mapped[UUID] = mapped_column(ForeignKey("money.transactions.id"), unique=True)
    owner_id: Mapped[UUID]
