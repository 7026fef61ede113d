from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from money.event_types import EventType


class EventRead(BaseModel):
    """Something that happened. Endpoints get the same object as the body of a webhook. Pass over types you do not know:
    there will be more."""

    id: UUID = Field(description="The same in each delivery of the event: whoever gets it twice can tell.")
    type: EventType | str
    timestamp: datetime = Field(description="When it happened, not when it was sent.")
    data: dict[str, Any] = Field(description="Ids and amounts in minor units. Which ones depends on the type.")
