from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from common.schemas import Strict
from money.schemas.fields import Amount, Currency


class DepositCreate(Strict):
    account_id: UUID
    amount: Amount
    currency: Currency


class DepositRead(BaseModel):
    id: UUID
    account_id: UUID
    amount: int
    currency: str
    balance_after: int
    created_at: datetime
