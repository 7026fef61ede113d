from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from common.schemas import Strict


class ReconciliationCreate(Strict):
    provider: str | None = Field(default=None, max_length=40, description="Absent: all of them.")


class ReconciliationLineRead(BaseModel):
    """What only one side has, or both with different amounts. What only the provider has was put into suspense."""

    model_config = ConfigDict(from_attributes=True)

    reason: Literal["ours_only", "theirs_only", "amount_differs"]
    provider_transaction_id: str | None
    reference: str | None
    payment_id: UUID | None
    transaction_id: UUID | None
    ours: int
    theirs: int
    at: datetime


class ReconciliationRead(BaseModel):
    """Totals in minor units, positive when the provider owes us more. What is in transit is in neither."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    provider: str
    currency: str
    period_start: datetime
    period_end: datetime
    our_total: int
    their_total: int
    difference: int = Field(description="Theirs minus ours.")
    fees: int = Field(description="What the provider has kept of it.")
    matched: int
    in_transit: int
    unmatched: int
    status: Literal["agrees", "differs"]
    created_by: UUID | None = Field(description="Null: the schedule.")
    created_at: datetime
    lines: list[ReconciliationLineRead] = Field(description="The first hundred that do not match.")


class ReconciliationList(BaseModel):
    items: list[ReconciliationRead]
