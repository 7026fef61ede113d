"""Prices and purchases. Amounts are integers in the currency's minor unit: 1050 is 10.50 EUR or 1050 JPY."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from common.schemas import Strict

MAX_AMOUNT = 2**53 - 1
"""The largest integer that survives a JavaScript number."""

Amount = Annotated[int, Field(strict=True, ge=1, le=MAX_AMOUNT, description="Minor units.")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class PriceSet(Strict):
    amount: Amount
    currency: Currency
    account_id: UUID = Field(description="The account of yours that readers pay into.")


class PurchaseCreate(Strict):
    """The price as the reader has seen it."""

    amount: Amount
    currency: Currency


class Payment(BaseModel):
    """The transfer that pays for it, as `POST /v1/money/transfers` wants it; the key is its `Idempotency-Key`."""

    idempotency_key: str
    to_account_id: UUID
    amount: int
    currency: str


class PurchaseRead(BaseModel):
    """`returned`: all of the money went back, and access with it. `payment` is there as long as it is to be made."""

    id: UUID
    post_id: UUID
    status: Literal["open", "paid", "returned"]
    amount: int
    currency: str
    created_at: datetime
    paid_at: datetime | None
    transaction_id: UUID | None
    payment: Payment | None


class BoughtPost(BaseModel):
    """`title` and `slug` are null when nobody can read the post any more."""

    post_id: UUID
    title: str | None
    slug: str | None
    amount: int
    currency: str
    transaction_id: UUID
    paid_at: datetime
    returned: bool


class CurrencySales(BaseModel):
    """`count` is of all that were paid, and `amount` what they came to; `returned` is what of it went back."""

    currency: str
    count: int
    amount: int
    returned: int


class Sales(BaseModel):
    items: list[CurrencySales]
