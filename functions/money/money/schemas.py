"""Amounts are integers in the currency's minor unit, e.g. 1050 is 10.50 EUR or 1050 JPY: see `exponent`."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from common.schemas import Strict

MAX_AMOUNT = 2**53 - 1
"""The largest integer that survives a JavaScript number."""

Amount = Annotated[int, Field(strict=True, ge=1, le=MAX_AMOUNT, description="Minor units.")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Line = r"^[^\x00-\x08\x0a-\x1f\x7f]*$"
Name = Annotated[str, StringConstraints(max_length=80, strip_whitespace=True, pattern=Line)]
Description = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True, pattern=Line)]


class AccountCreate(Strict):
    currency: Currency
    name: Name = ""


class AccountRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    currency: str
    exponent: int = Field(description="Digits after the point: 10 ** exponent minor units are one unit.")
    balance: int
    available: int = Field(description="What can be spent: balance minus holds, plus overdraft.")
    created_at: datetime


class AccountList(BaseModel):
    items: list[AccountRead]


class DepositCreate(Strict):
    account_id: UUID
    amount: Amount
    currency: Currency


class TransferCreate(Strict):
    from_account_id: UUID
    to_account_id: UUID
    amount: Amount
    currency: Currency
    description: Description = ""


class DepositRead(BaseModel):
    id: UUID
    account_id: UUID
    amount: int
    currency: str
    balance_after: int
    created_at: datetime


class TransferRead(BaseModel):
    """`balance_after` is that of your own side; when both accounts are yours, of the one that paid."""

    id: UUID
    from_account_id: UUID
    to_account_id: UUID
    amount: int
    currency: str
    description: str
    balance_after: int
    created_at: datetime


class EntryRead(BaseModel):
    """One line of an account's history. `amount` is signed: positive came in."""

    id: str = Field(description="The account's version after this entry: 1, 2, 3 …")
    transaction_id: UUID
    kind: Literal["deposit", "transfer"]
    amount: int
    balance_after: int
    counterparty_account_id: UUID | None = Field(description="Null when the other side is Artel's own account.")
    description: str
    created_at: datetime
