"""What goes over the wire, reports by letter."""

from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from common.schemas import Strict


def _known(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("no such time zone; they are named like Europe/Riga")
    return name


TimeZone = Annotated[str, Field(max_length=64), AfterValidator(_known)]


class ReportPlan(Strict):
    """When the letter is to come. `weekday` counts for weeks (1 is Monday), `day` for months."""

    every: Literal["day", "week", "month"]
    weekday: Annotated[int, Field(ge=1, le=7)] = 1
    day: Annotated[int, Field(ge=1, le=28)] = 1
    hour: Annotated[int, Field(ge=0, le=23)] = 8
    time_zone: TimeZone = "UTC"


class ReportRead(BaseModel):
    """`due_at`: when the next letter is written; `sent_at`: when the last one was."""

    model_config = ConfigDict(from_attributes=True)

    every: Literal["day", "week", "month"]
    weekday: int
    day: int
    hour: int
    time_zone: str
    due_at: datetime
    sent_at: datetime | None
