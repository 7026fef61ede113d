"""Schema `analytics`: sums of what the ledger did, by day. Only `analytics.roll_up` writes them; see revision 0019."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from common.models.base import Base


class MoneyDaily(Base):
    """What one kind of transaction did to one account on one day (UTC), in minor units, in the account's normal direction."""

    __tablename__ = "money_daily"
    __table_args__ = (Index(None, "day"), {"schema": "analytics"})

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    entries: Mapped[int] = mapped_column(BigInteger)
    inflow: Mapped[int] = mapped_column(BigInteger)
    outflow: Mapped[int] = mapped_column(BigInteger)


class MoneyRolled(Base):
    """One line: the position in the ledger's order of seals up to which all is counted."""

    __tablename__ = "money_rolled"
    __table_args__ = (CheckConstraint("one", name="one"), {"schema": "analytics"})

    one: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    position: Mapped[int] = mapped_column(BigInteger)
