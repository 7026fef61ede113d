"""Fields that several requests share. Amounts are integers in the currency's minor unit: 1050 is 10.50 EUR or 1050 JPY."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from money import addresses

MAX_AMOUNT = 2**53 - 1
"""The largest integer that survives a JavaScript number."""


def _written_day(value: Any) -> Any:
    """Pydantic would take numbers for dates too: seconds, or milliseconds, since 1970."""
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value)):
        return value
    raise ValueError("must be a date in quotes: 2026-12-31")


Amount = Annotated[int, Field(strict=True, ge=1, le=MAX_AMOUNT, description="Minor units.")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
_LINE = r"^[^\x00-\x08\x0a-\x1f\x7f]*$"
Name = Annotated[str, StringConstraints(max_length=80, strip_whitespace=True, pattern=_LINE)]
Description = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True, pattern=_LINE)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True, pattern=_LINE)]
Handle = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{2,29}$")]
Address = Annotated[
    str,
    StringConstraints(max_length=254, strip_whitespace=True),
    AfterValidator(addresses.check),
    Field(examples=["ada@example.org"]),
]
Day = Annotated[date, BeforeValidator(_written_day)]


def _within_the_calendar(moment: datetime) -> datetime:
    """A time within a day of the calendar's ends has no equivalent in UTC."""
    if not 1 < moment.year < 9999:  # noqa: PLR2004
        raise ValueError("the year is between 2 and 9998")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_within_the_calendar)]
