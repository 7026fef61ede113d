from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from common.schemas import Strict
from money.schemas.fields import Amount, Currency

Direction = Literal["deposit", "withdrawal"]
PaymentStatus = Literal["created", "pending", "succeeded", "failed", "canceled"]
_Provider = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_Instrument = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\x20-\x7e]+$")]


def _absent(value: object) -> bool:
    """Fields that came later leave no trace in a request that lacks them: a retry of an old one is still the same request."""
    return value is None


class DepositCreate(Strict):
    account_id: UUID
    amount: Amount
    currency: Currency
    provider: _Provider | None = Field(default=None, exclude_if=_absent, description="Absent: the usual one.")
    method: _Instrument | None = Field(
        default=None,
        exclude_if=_absent,
        description="What is paid with, as the provider knows it. Of the sandbox: declined, pending, slow or lost.",
    )


class WithdrawalCreate(Strict):
    account_id: UUID
    amount: Amount
    currency: Currency
    provider: _Provider | None = Field(default=None, exclude_if=_absent, description="Absent: the usual one.")
    destination: _Instrument | None = Field(
        default=None,
        exclude_if=_absent,
        description="Where to, as the provider knows it; absent: its usual one. Of the sandbox: anything, or declined, "
        "pending, slow or lost.",
    )


class DepositRead(BaseModel):
    id: UUID
    account_id: UUID
    amount: int
    currency: str
    status: PaymentStatus
    provider: str
    balance_after: int | None = Field(description="Null until it has succeeded.")
    client_secret: str | None = Field(description="For the provider's part of the page, until it is paid.")
    failure: str | None
    created_at: datetime


class WithdrawalRead(BaseModel):
    id: UUID
    account_id: UUID
    amount: int
    fee: int
    currency: str
    destination: str | None
    status: PaymentStatus
    provider: str
    balance_after: int | None = Field(description="Null until it has succeeded; until then the money is held.")
    failure: str | None
    created_at: datetime


class PaymentRead(BaseModel):
    """A deposit or a withdrawal. A deposit that has failed with a transaction has arrived, but not on the account."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    direction: Direction
    account_id: UUID
    provider: str
    amount: int
    fee: int
    currency: str
    instrument: str | None = Field(description="What was paid with or to, as the provider knows it.")
    status: PaymentStatus
    failure: str | None
    hold_id: UUID | None
    transaction_id: UUID | None
    return_id: UUID | None = Field(description="Of a withdrawal that came back: the transaction that returned it.")
    created_at: datetime
    updated_at: datetime
