from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from common.schemas import Strict
from money.schemas.fields import Amount, Currency, Description
from money.schemas.people import OneRecipient, PersonRead, ToEmail, ToHandle

MOST_IN_BATCH = 1000
TransferKind = Literal["transfer", "capture", "refund", "reversal", "claim", "return"]


class TransferCreate(OneRecipient):
    """To an account, or to a person: by handle or by e-mail address."""

    from_account_id: UUID
    to_account_id: UUID | None = None
    amount: Amount
    currency: Currency
    description: Description = ""
    dry_run: bool = Field(default=False, description="Say what would become of it, and do nothing.")
    to_handle: ToHandle = None
    to_email: ToEmail = None


class TransferRead(BaseModel):
    """`balance_after` is that of your own side; when both accounts are yours, of the one that paid."""

    id: UUID
    kind: TransferKind
    from_account_id: UUID | None = Field(description="Null when it comes back from a person whom you had sent it to.")
    to_account_id: UUID | None = Field(description="Null when it was sent to a person and not to an account.")
    amount: int = Field(description="What the recipient gets.")
    fee: int = Field(description="What was taken on top of it from the sender; 0 to anybody else.")
    currency: str
    description: str
    balance_after: int
    original_id: UUID | None = Field(description="The transfer that this one gives back.")
    created_at: datetime
    recipient: str | None = Field(default=None, description="The person you have sent it to, as you have named them.")
    sender: PersonRead | None = Field(default=None, description="Who has sent it to you as a person.")


class TransferTrial(BaseModel):
    """What a transfer would cost. A trial that is refused answers as the transfer would."""

    dry_run: Literal[True] = True
    amount: int
    fee: int
    currency: str


class BatchItem(Strict):
    from_account_id: UUID
    to_account_id: UUID
    amount: Amount
    currency: Currency
    description: Description = ""


class BatchCreate(Strict):
    transfers: Annotated[list[BatchItem], Field(min_length=1, max_length=MOST_IN_BATCH)]
    atomic: bool = Field(default=True, description="All of them or none. Otherwise each on its own, in this order.")


class BatchResult(BaseModel):
    """In the order of the request. `refused` is an error's code; both null: it was let be because of another one."""

    transfer_id: UUID | None
    refused: str | None


class BatchRead(BaseModel):
    atomic: bool
    posted: int
    refused: int
    results: list[BatchResult]


class RefundCreate(Strict):
    amount: Amount | None = Field(default=None, description="Minor units; absent: all that is left of it.")
    description: Description = ""


class ReversalCreate(Strict):
    description: Description = ""
