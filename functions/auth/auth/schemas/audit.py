from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class OwnEntry(BaseModel):
    """What happened to your account. `by`: you, somebody who runs the site, or the system; `somebody`: it takes no sign-in,
    so that it may or may not have been you.
    """

    id: UUID
    at: datetime
    event: str
    by: Literal["you", "somebody", "administrator", "system"]
    address: str
    user_agent: str


class AuditRead(BaseModel):
    """`user_id`: whose account; `actor_id`: who did it, null for the system or a command."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    at: datetime
    event: str
    user_id: UUID | None
    actor_id: UUID | None
    session_id: UUID | None
    address: str
    user_agent: str
    request_id: str
    detail: dict[str, Any]
