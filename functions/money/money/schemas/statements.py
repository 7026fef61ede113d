from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from money.schemas.accounts import Kind

Format = Literal["json", "csv", "xlsx", "pdf"]


class StatementLine(BaseModel):
    """`amount` is signed: positive came in. `number` counts the account's entries from its first one."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    transaction_id: UUID
    booked_at: datetime
    kind: Kind
    description: str
    counterparty_account_id: UUID | None = Field(
        validation_alias="counterparty", description="Null when the other side is Artel's own account or a person."
    )
    recipient: str | None = Field(description="The person you have sent it to, as you have named them.")
    amount: int
    balance_after: int


class StatementRead(BaseModel):
    """`opening_balance` + `total_in` - `total_out` = `closing_balance`. Days are in UTC, and both are part of the period."""

    model_config = ConfigDict(from_attributes=True)

    account_id: UUID
    account_name: str = Field(validation_alias="name")
    currency: str
    exponent: int
    since: date = Field(serialization_alias="from")
    until: date = Field(serialization_alias="to")
    made_at: datetime
    opening_balance: int = Field(validation_alias="opening")
    total_in: int = Field(validation_alias="incoming")
    total_out: int = Field(validation_alias="outgoing")
    closing_balance: int = Field(validation_alias="closing")
    lines: list[StatementLine]
