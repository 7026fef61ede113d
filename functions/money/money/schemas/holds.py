from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from common.schemas import Strict
from money.schemas.fields import Amount, Currency, Description


class HoldCreate(Strict):
    account_id: UUID
    payee_account_id: UUID
    amount: Amount
    currency: Currency
    description: Description = ""
    expires_at: AwareDatetime | None = Field(default=None, description="A week from now, if absent; within a year.")


class CaptureCreate(Strict):
    amount: Amount | None = Field(default=None, description="Minor units; absent: all of it. The rest becomes free.")


class HoldRead(BaseModel):
    id: UUID
    account_id: UUID
    payee_account_id: UUID | None = Field(description="Null when it is for Artel's own account, as for a withdrawal.")
    amount: int
    captured: int
    currency: str
    description: str
    status: Literal["held", "captured", "voided", "expired"]
    transfer_id: UUID | None
    created_at: datetime
    expires_at: datetime
    resolved_at: datetime | None
