"""Schema `money`: payments through providers, and what providers told us of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base


class Payment(Base):
    """A deposit or withdrawal. `status` is also the point from which whoever finds it goes on; `due_at` is when that is.

    `instrument`: what is paid with or to, as the provider knows it. `transaction_id` is in suspense when the account could not
    take it; `return_id` is of a withdrawal that came back.
    """

    __tablename__ = "payments"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "currency"], ["money.accounts.id", "money.accounts.currency"]),
        UniqueConstraint("provider", "provider_reference"),
        CheckConstraint("direction IN ('deposit', 'withdrawal')", name="direction"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("fee >= 0", name="fee"),
        CheckConstraint("status IN ('created', 'pending', 'succeeded', 'failed', 'canceled')", name="status"),
        CheckConstraint("(direction = 'withdrawal') = (hold_id IS NOT NULL)", name="held"),
        CheckConstraint("status <> 'succeeded' OR transaction_id IS NOT NULL", name="posted"),
        CheckConstraint(
            "return_id IS NULL OR direction = 'withdrawal' AND transaction_id IS NOT NULL AND status = 'failed'",
            name="returned",
        ),
        Index(None, "owner_id", "id"),
        Index(None, "due_at", postgresql_where=text("due_at IS NOT NULL")),
        {"schema": "money"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    direction: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[UUID]
    account_id: Mapped[UUID] = mapped_column(index=True)
    provider: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    fee: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    currency: Mapped[str] = mapped_column(Text)
    instrument: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="created")
    provider_reference: Mapped[str | None] = mapped_column(Text)
    client_secret: Mapped[str | None] = mapped_column(Text)
    hold_id: Mapped[UUID | None] = mapped_column(ForeignKey("money.holds.id"), unique=True)
    transaction_id: Mapped[UUID | None] = mapped_column(ForeignKey("money.transactions.id"), unique=True)
    return_id: Mapped[UUID | None] = mapped_column(ForeignKey("money.transactions.id"), unique=True)
    failure: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    due_at: Mapped[datetime | None] = mapped_column(server_default=text("now() + interval '1 minute'"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class InboxEvent(Base):
    """A provider's signed event. Old payloads are emptied; the row stays, so that none is taken twice."""

    __tablename__ = "webhook_inbox"
    __table_args__ = (
        Index(None, "due_at", postgresql_where=text("processed_at IS NULL")),
        Index(None, "processed_at", postgresql_where=text("payload <> ''")),
        {"schema": "money"},
    )

    provider: Mapped[str] = mapped_column(Text, primary_key=True)
    event_id: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    processed_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    problem: Mapped[str | None] = mapped_column(Text)


class SandboxOrder(Base):
    """What the sandbox's bank was asked for, once a payment."""

    __tablename__ = "sandbox_orders"
    __table_args__ = ({"schema": "money"},)

    payment_id: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    direction: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    instrument: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    failure: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class SandboxLine(Base):
    """The sandbox's bank statement: its own record of what moved."""

    __tablename__ = "sandbox_statement"
    __table_args__ = ({"schema": "money"},)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    fee: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    currency: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), index=True)
