from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from common.schemas import Strict
from money.schemas.fields import Currency, Name

Status = Literal["open", "frozen", "closed"]
Kind = Literal[
    "deposit",
    "withdrawal",
    "transfer",
    "capture",
    "reversal",
    "refund",
    "exchange",
    "adjustment",
    "claim",
    "return",
    "suspense",
]


class AccountCreate(Strict):
    currency: Currency
    name: Name = ""


class AccountUpdate(Strict):
    name: Name


class AccountRead(BaseModel):
    id: UUID
    name: str
    currency: str
    exponent: int = Field(description="Digits after the point: 10 ** exponent minor units are one unit.")
    balance: int
    held: int = Field(description="What holds keep from being spent.")
    available: int = Field(description="What can be spent: balance minus holds, plus overdraft.")
    overdraft: int = Field(description="How far below zero the available balance may go.")
    status: Status
    created_at: datetime


class BalanceAt(BaseModel):
    """What the account had after everything that was booked until `at`."""

    account_id: UUID
    at: datetime
    balance: int
    currency: str
    exponent: int


class AccountList(BaseModel):
    items: list[AccountRead]


class EntryRead(BaseModel):
    """One line of an account's history. `amount` is signed: positive came in."""

    id: str = Field(description="The account's version after this entry: 1, 2, 3 …")
    transaction_id: UUID
    kind: Kind
    amount: int
    balance_after: int
    counterparty_account_id: UUID | None = Field(
        description="Null when the other side is Artel's own account or a person."
    )
    description: str
    created_at: datetime
    recipient: str | None = Field(default=None, description="The person you have sent it to, as you have named them.")
