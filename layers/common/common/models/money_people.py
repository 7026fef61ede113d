"""Schema `money`: sending to people, asking them for money, and standing orders. Written by the functions of revision 0011.

`recipient` is what somebody wrote, shown to them alone. `email_hash` is what an address is compared by (see
`identity.address_hash`), `person_id` whom a handle stood for.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base

_ACCOUNT = "money.accounts.id"
_CURRENCY = "money.currencies.code"
_TRANSACTION = "money.transactions.id"
_WAITING = text("status = 'waiting'")


class Claim(Base):
    """A transfer to a person. `waiting`: it is in unclaimed:<currency>, until `transaction_id` ends that: a claim, a return
    or a reversal. `direct`: it was never there. Its sender must not be able to tell which."""

    __tablename__ = "claims"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("status IN ('direct', 'waiting', 'claimed', 'returned', 'reversed')", name="status"),
        CheckConstraint("num_nonnulls(email_hash, person_id) = 1", name="addressed"),
        CheckConstraint("(status IN ('direct', 'waiting')) = (transaction_id IS NULL)", name="ended"),
        Index(None, "email_hash", postgresql_where=_WAITING),
        Index(None, "person_id", postgresql_where=_WAITING),
        Index(None, "expires_at", postgresql_where=_WAITING),
        Index(None, "sender_id"),
        {"schema": "money"},
    )

    transfer_id: Mapped[UUID] = mapped_column(ForeignKey(_TRANSACTION), primary_key=True)
    sender_id: Mapped[UUID]
    payer_account_id: Mapped[UUID] = mapped_column(ForeignKey(_ACCOUNT))
    recipient: Mapped[str] = mapped_column(Text)
    email_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    person_id: Mapped[UUID | None]
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(ForeignKey(_CURRENCY))
    status: Mapped[str] = mapped_column(Text)
    transaction_id: Mapped[UUID | None] = mapped_column(ForeignKey(_TRANSACTION), unique=True)
    expires_at: Mapped[datetime]


class Arrival(Base):
    """Somebody for whom something waits, and who can be reached from now on."""

    __tablename__ = "arrivals"
    __table_args__ = ({"schema": "money"},)

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class PaymentRequest(Base):
    """Somebody asks for money: a person, an address, or whoever has the link."""

    __tablename__ = "payment_requests"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("status IN ('open', 'accepted', 'declined', 'canceled', 'expired')", name="status"),
        CheckConstraint("num_nonnulls(email_hash, person_id) <= 1", name="addressed"),
        CheckConstraint(
            "(status = 'accepted') = (transfer_id IS NOT NULL) AND (status = 'accepted') = (payer_id IS NOT NULL)",
            name="accepted",
        ),
        CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided"),
        Index(None, "requester_id", "id"),
        Index(None, "email_hash", "id", postgresql_where=text("email_hash IS NOT NULL")),
        Index(None, "person_id", "id", postgresql_where=text("person_id IS NOT NULL")),
        Index(None, "payer_id", "id", postgresql_where=text("payer_id IS NOT NULL")),
        Index(None, "expires_at", postgresql_where=text("status = 'open'")),
        {"schema": "money"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    requester_id: Mapped[UUID]
    account_id: Mapped[UUID] = mapped_column(ForeignKey(_ACCOUNT))
    recipient: Mapped[str] = mapped_column(Text)
    email_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    person_id: Mapped[UUID | None]
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(ForeignKey(_CURRENCY))
    note: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="open")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    payer_id: Mapped[UUID | None]
    transfer_id: Mapped[UUID | None] = mapped_column(ForeignKey(_TRANSACTION), unique=True)


class RecurringTransfer(Base):
    """A standing order: comes up on the dates that are whole days, weeks or months from `anchor_on`, at an hour in UTC."""

    __tablename__ = "recurring_transfers"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("every IN ('day', 'week', 'month')", name="every"),
        CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
        CheckConstraint("times > 0", name="times"),
        CheckConstraint("status IN ('active', 'paused', 'canceled', 'finished')", name="status"),
        CheckConstraint("num_nonnulls(to_account_id, email_hash, person_id) = 1", name="addressed"),
        CheckConstraint("status <> 'active' OR next_on IS NOT NULL", name="next"),
        Index(None, "owner_id", "id"),
        Index(None, "next_on", postgresql_where=text("status = 'active'")),
        {"schema": "money"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    owner_id: Mapped[UUID]
    from_account_id: Mapped[UUID] = mapped_column(ForeignKey(_ACCOUNT))
    to_account_id: Mapped[UUID | None] = mapped_column(ForeignKey(_ACCOUNT))
    recipient: Mapped[str] = mapped_column(Text)
    email_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    person_id: Mapped[UUID | None]
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(ForeignKey(_CURRENCY))
    description: Mapped[str] = mapped_column(Text)
    every: Mapped[str] = mapped_column(Text)
    anchor_on: Mapped[date]
    hour: Mapped[int] = mapped_column(SmallInteger)
    start_on: Mapped[date]
    end_on: Mapped[date | None]
    times: Mapped[int | None] = mapped_column(Integer)
    last_on: Mapped[date | None]
    next_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(Text, server_default="active")
    skipped_in_a_row: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class RecurringRun(Base):
    """What became of one date of a standing order. `failed`: refused, and tried again at `try_at`."""

    __tablename__ = "recurring_runs"
    __table_args__ = (
        CheckConstraint("status IN ('due', 'failed', 'paid', 'skipped')", name="status"),
        CheckConstraint("(status = 'paid') = (transfer_id IS NOT NULL)", name="paid"),
        CheckConstraint("(status IN ('due', 'failed')) = (try_at IS NOT NULL)", name="try"),
        Index(None, "try_at", postgresql_where=text("try_at IS NOT NULL")),
        {"schema": "money"},
    )

    recurring_transfer_id: Mapped[UUID] = mapped_column(ForeignKey("money.recurring_transfers.id"), primary_key=True)
    scheduled_on: Mapped[date] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(Text, server_default="due")
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    refused: Mapped[str | None] = mapped_column(Text)
    transfer_id: Mapped[UUID | None] = mapped_column(ForeignKey(_TRANSACTION), unique=True)
    try_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class DueLetter(Base):
    """A letter that the background is about to write. `muted`: for nobody, since its sender has caused enough of them."""

    __tablename__ = "letters"
    __table_args__ = (
        CheckConstraint("kind IN ('transfer', 'payment_request')", name="kind"),
        {"schema": "money"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    muted: Mapped[bool]


class RateLimit(Base):
    """Hits in a window. `key` is a hash of who is limited: the table names nobody."""

    __tablename__ = "rate_limits"
    __table_args__ = ({"schema": "money"},)

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    hits: Mapped[int] = mapped_column(Integer)
    window_ends: Mapped[datetime] = mapped_column(index=True)
