from datetime import datetime
from uuid import UUID

from pydantic import BaseModel


class SessionRead(BaseModel):
    """`amr`: how it was begun. `personal_token`: the name of the token it was exchanged for, if it was."""

    id: UUID
    current: bool
    created_at: datetime
    last_used_at: datetime
    address: str
    user_agent: str
    amr: str
    personal_token: str | None


class SessionList(BaseModel):
    items: list[SessionRead]


class Ended(BaseModel):
    """How many sessions were ended."""

    ended: int
