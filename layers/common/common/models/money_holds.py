"""Schema `money`: holds, and what was given back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base

_OPEN = text("NOT resolved")


class Hold(Base):
    """Money that its owner has promised to another account and cannot spend until the hold is resolved or past its time."""

    __tablename__ = "holds"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "currency"], ["money.accounts.id", "money.accounts.currency"]),
        CheckConstraint("amount > 0", name="amount"),
        Index(None, "account_id", "expires_at", postgresql_where=_OPEN),
        Index(None, "expires_at", postgresql_where=_OPEN),
        Index(None, "created_by", "id"),
        Index(None, "account_id", "id"),
        Index(None, "payee_account_id", "id"),
        {"schema": "money"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    payee_account_id: Mapped[UUID] = mapped_column(ForeignKey("money.accounts.id"))
    currency: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    description: Mapped[str] = mapped_column(Text)
    created_by: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    resolved: Mapped[bool] = mapped_column(server_default=text("false"))


class HoldResolution(Base):
    """How a hold ended. Its primary key sees to it that it does so once."""

    __tablename__ = "hold_resolutions"
    __table_args__ = (
        CheckConstraint("kind IN ('captured', 'voided', 'expired')", name="kind"),
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint(
            "(kind = 'captured') = (transaction_id IS NOT NULL) AND (kind = 'captured') = (amount > 0)", name="captured"
        ),
        {"schema": "money"},
    )

    hold_id: Mapped[UUID] = mapped_column(ForeignKey("money.holds.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    transaction_id: Mapped[UUID | None] = mapped_column(ForeignKey("money.transactions.id"), unique=True)
    resolved_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Return(Base):
    """How much of a transaction went back."""

    __tablename__ = "returns"
    __table_args__ = (
        CheckConstraint("returned > 0 AND returned <= amount", name="returned"),
        {"schema": "money"},
    )

    original_id: Mapped[UUID] = mapped_column(ForeignKey("money.transactions.id"), primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    returned: Mapped[int] = mapped_column(BigInteger)
    reversed: Mapped[bool] = mapped_column(server_default=text("false"))
