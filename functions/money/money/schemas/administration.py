from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from common.schemas import Strict
from money.schemas.accounts import Status
from money.schemas.fields import MAX_AMOUNT, Currency, Reason

Operation = Literal["transfer", "withdrawal", "capture"]
_NotNegative = Annotated[int, Field(strict=True, ge=0, le=MAX_AMOUNT, description="Minor units.")]


def _not_zero(amount: int) -> int:
    if amount == 0:
        raise ValueError("must not be 0")
    return amount


class Because(Strict):
    reason: Reason


class AccountSettings(Strict):
    overdraft: _NotNegative | None = Field(default=None, description="How far below zero it may go; absent: as it is.")
    hot: bool | None = Field(default=None, description="Whether many pay into it at the same time; absent: as it is.")
    reason: Reason


class AccountRow(BaseModel):
    """An account as administrators see it. Artel's own have a code and no owner."""

    id: UUID
    owner_id: UUID | None
    code: str | None
    name: str
    currency: str
    exponent: int
    balance: int
    held: int
    overdraft: int | None
    status: Status
    hot: bool
    created_at: datetime


class AdjustmentCreate(Strict):
    account_id: UUID
    amount: Annotated[
        int,
        Field(strict=True, ge=-MAX_AMOUNT, le=MAX_AMOUNT, description="Not 0; positive is credited."),
        AfterValidator(_not_zero),
    ]
    currency: Currency
    reason: Reason


class AdjustmentRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    account_id: UUID
    amount: int
    currency: str
    reason: str
    status: Literal["proposed", "posted", "rejected"]
    proposed_by: UUID
    proposed_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    transaction_id: UUID | None


class FeeRuleCreate(Strict):
    """Takes the place of the rule in force for the same operation and currency."""

    operation: Operation
    currency: Currency
    flat: _NotNegative = 0
    rate: Decimal = Field(
        default=Decimal(0), ge=0, lt=1, max_digits=7, decimal_places=6, description='"0.015" is 1.5 %.'
    )
    minimum: _NotNegative = 0
    maximum: _NotNegative | None = None
    reason: Reason

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.maximum is not None and self.maximum < self.minimum:
            raise ValueError("maximum must not be below minimum")
        return self


class FeeRuleRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    operation: Operation
    currency: str
    flat: int
    rate: Decimal
    minimum: int
    maximum: int | None
    created_by: UUID
    created_at: datetime


class FeeRuleList(BaseModel):
    items: list[FeeRuleRead]


class LimitSet(Strict):
    """For one person, or without `owner_id` for everybody who has no limit of their own. Absent amounts: no limit."""

    owner_id: UUID | None = None
    currency: Currency
    per_operation: _NotNegative | None = None
    per_day: _NotNegative | None = None
    reason: Reason


class LimitRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    owner_id: UUID | None
    currency: str
    per_operation: int | None
    per_day: int | None


class LimitList(BaseModel):
    items: list[LimitRead]


class TrialBalanceLine(BaseModel):
    """Of one currency and kind of account: people's, and each of Artel's own."""

    currency: str
    account: str
    accounts: int
    debits: int
    credits: int


class Violation(BaseModel):
    invariant: str
    detail: str


class TrialBalance(BaseModel):
    """Debits and credits are equal in each currency, and nothing is violated: or something is very wrong."""

    lines: list[TrialBalanceLine]
    balanced: bool
    violations: list[Violation]


class SealCheck(BaseModel):
    """`ok` up to `checked_to`; `complete` when that is the last seal. Keep position and hash: they tell later that nothing was
    cut off or made anew since."""

    ok: bool
    complete: bool
    checked_to: int
    hash: str = Field(description="Hexadecimal; of the last seal that was looked at.")
    problem: str | None
    transaction_id: UUID | None
    account_id: UUID | None


class CheckRead(BaseModel):
    """A check that runs on a schedule, and what it found last."""

    model_config = ConfigDict(from_attributes=True)

    name: Literal["books", "seals"]
    due_at: datetime
    checked_at: datetime | None
    problems: list[dict[str, object]]


class CheckList(BaseModel):
    items: list[CheckRead]


class ActionRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    at: datetime
    actor_id: UUID
    action: str
    subject: UUID
    reason: str
    detail: dict[str, object]


class Reversed(BaseModel):
    """The transaction that undoes the other."""

    id: UUID
    original_id: UUID
