from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, model_validator

from common.schemas import Strict
from money.schemas.fields import Amount, Currency, Reason

PlainDecimal = Annotated[Decimal, PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json")]
"""Never 7E-7: not every reader of decimals knows what that is."""


class QuoteCreate(Strict):
    """Say either what you give or what you want to get; the other amount is in the answer."""

    from_account_id: UUID
    to_account_id: UUID
    sell_amount: Amount | None = Field(default=None, description="Minor units of the currency that you give.")
    buy_amount: Amount | None = Field(default=None, description="Minor units of the currency that you get.")

    @model_validator(mode="after")
    def one_amount(self) -> Self:
        if (self.sell_amount is None) == (self.buy_amount is None):
            raise ValueError("exactly one of sell_amount and buy_amount is needed")
        return self


class Bargain(BaseModel):
    from_account_id: UUID
    to_account_id: UUID
    sell_amount: int
    sell_currency: str
    buy_amount: int
    buy_currency: str
    rate: PlainDecimal = Field(description="What one unit of the sold currency brings, in units of the bought one.")
    created_at: datetime


class QuoteRead(Bargain):
    id: UUID
    expires_at: datetime


class ExchangeCreate(Strict):
    quote_id: UUID


class ExchangeRead(Bargain):
    """`id` is that of the transaction, as in the histories of both accounts."""

    id: UUID
    quote_id: UUID


class RateSet(Strict):
    """Takes the place of the rate in force for the same two currencies, whichever way round that one was told."""

    base: Currency
    quote: Currency
    rate: Decimal = Field(
        gt=0, max_digits=24, decimal_places=12, description="Units of `quote` for one unit of `base`."
    )
    spread: Decimal = Field(
        default=Decimal(0),
        ge=0,
        lt=1,
        max_digits=7,
        decimal_places=6,
        description='What the house keeps, either way: "0.005" is 0.5 %.',
    )
    reason: Reason


class RateRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    base: str
    quote: str
    rate: PlainDecimal
    spread: PlainDecimal
    created_by: UUID
    created_at: datetime
    ended_at: datetime | None
