from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from common.schemas import Strict
from money.schemas.fields import Amount, Currency, Description
from money.schemas.people import AtMostOneRecipient, PersonRead, ToEmail, ToHandle

RequestStatus = Literal["open", "accepted", "declined", "canceled", "expired"]
Direction = Literal["sent", "received"]


class PaymentRequestCreate(AtMostOneRecipient):
    """Without a recipient it is for anybody who is given its link."""

    account_id: UUID = Field(description="The account of yours that is paid into.")
    to_handle: ToHandle = None
    to_email: ToEmail = None
    amount: Amount
    currency: Currency
    note: Description = ""
    expires_at: AwareDatetime | None = Field(default=None, description="30 days from now, if absent; within a year.")


class PaymentRequestAccept(Strict):
    from_account_id: UUID


class PaymentRequestRead(BaseModel):
    """`account_id` and `recipient` are told to who asks, `transfer_id` to them and to who has paid."""

    id: UUID
    direction: Direction
    requester: PersonRead
    account_id: UUID | None
    recipient: str | None = Field(description="Who is asked, as the requester has named them.")
    amount: int
    currency: str
    note: str
    status: RequestStatus
    transfer_id: UUID | None
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None
