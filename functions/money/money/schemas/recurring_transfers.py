from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from common.schemas import Strict
from money.schemas.fields import Amount, Currency, Day, Description
from money.schemas.people import OneRecipient, ToEmail, ToHandle

Every = Literal["day", "week", "month"]
OrderStatus = Literal["active", "paused", "canceled", "finished"]
RunStatus = Literal["due", "failed", "paid", "skipped"]


class RecurringTransferCreate(OneRecipient):
    """To an account, or to a person: by handle or by e-mail address.

    It comes up on the dates that are whole days, weeks or months from `anchor_on`: of the 31st, the last day of shorter
    months. All dates and hours are in UTC.
    """

    from_account_id: UUID
    to_account_id: UUID | None = None
    to_handle: ToHandle = None
    to_email: ToEmail = None
    amount: Amount
    currency: Currency
    description: Description = ""
    every: Every
    start_on: Day = Field(description="The first date, or the first that fits comes after it. Today or later.")
    anchor_on: Day | None = Field(default=None, description="What the dates are counted from; absent: `start_on`.")
    hour: Annotated[int, Field(strict=True, ge=0, le=23, description="The hour of the day, in UTC.")] = 0
    end_on: Day | None = Field(default=None, description="No date after it.")
    times: Annotated[int, Field(strict=True, ge=1, le=1200)] | None = Field(
        default=None, description="That many dates, whatever becomes of them."
    )

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.end_on is not None and self.times is not None:
            raise ValueError("only one of end_on and times can be given")
        return self


class RecurringTransferUpdate(Strict):
    """What is left out stays as it is. While an order is paused its dates pass."""

    amount: Amount = Field(default_factory=int)
    description: Description = Field(default_factory=str)
    status: Literal["active", "paused"] = Field(default_factory=lambda: "active")


class RunRead(BaseModel):
    """`failed`: refused, and tried again at `next_attempt_at`, on three days; then `skipped`."""

    scheduled_on: date
    status: RunStatus
    attempts: int
    refused: str | None = Field(description="What refused it the last time: an error's code.")
    transfer_id: UUID | None
    next_attempt_at: datetime | None


class RecurringTransferRead(BaseModel):
    id: UUID
    from_account_id: UUID
    to_account_id: UUID | None
    recipient: str | None = Field(description="The person, as you have named them; null for an account.")
    amount: int
    currency: str
    description: str
    every: Every
    anchor_on: date
    start_on: date
    hour: int
    end_on: date | None
    times: int | None
    status: OrderStatus
    next_run_at: datetime | None = Field(description="When it comes up again; null when it does not.")
    created_at: datetime


class RecurringTransferWithRuns(RecurringTransferRead):
    runs: list[RunRead] = Field(description="The last ten dates that came up, the newest first.")
