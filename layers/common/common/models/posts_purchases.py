"""Schema `posts`: who has bought what. What money tells of transfers is in schema `identity`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base


class Purchase(Base):
    """An offer of a post to a reader, and what became of it. Amounts are minor units.

    `open`: may be paid; `lapsed`: its key led to something else; `paid`; `returned`: all of the money went back. `attempt`
    is in the key under which the reader pays: offers of one attempt differ in price, and money takes one of them at most.
    """

    __tablename__ = "purchases"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("status IN ('open', 'lapsed', 'paid', 'returned')", name="status"),
        CheckConstraint(
            "(status IN ('paid', 'returned')) = (transaction_id IS NOT NULL) "
            "AND (transaction_id IS NULL) = (paid_at IS NULL)",
            name="paid",
        ),
        UniqueConstraint(
            "post_id",
            "reader_id",
            "attempt",
            "amount",
            "currency",
            "payee_account_id",
            name="uq_purchases_offer",
        ),
        Index("uq_purchases_paid", "post_id", "reader_id", unique=True, postgresql_where=text("status = 'paid'")),
        Index(None, "reader_id", "paid_at", "id", postgresql_where=text("paid_at IS NOT NULL")),
        {"schema": "posts"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    post_id: Mapped[UUID]
    reader_id: Mapped[UUID]
    attempt: Mapped[int] = mapped_column(Integer)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    payee_account_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(Text, server_default="open")
    transaction_id: Mapped[UUID | None] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    paid_at: Mapped[datetime | None]
