"""A profile. `null` clears a field; what is left out of a change stays as it is."""

import re
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints

from auth.countries import COUNTRIES
from auth.handles import is_reserved
from auth.schemas.fields import DisplayName, Locale
from common.schemas import Strict

_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$"
_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+$"
_OLDEST = date(1900, 1, 1)


def _written_date(value: Any) -> Any:
    """Pydantic would take numbers for dates too: seconds, or milliseconds, since 1970."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("must be a date: 1990-12-31")
    if not isinstance(value, str | None):
        raise ValueError("must be a date in quotes: 1990-12-31")  # noqa: TRY004 - what Pydantic makes a 422 of
    return value


def _past(value: date) -> date:
    if not _OLDEST <= value < datetime.now(UTC).date():
        raise ValueError("must be in the past, and not before 1900")
    return value


def _without_separators(value: Any) -> Any:
    return re.sub(r"[ ().-]", "", value) if isinstance(value, str) else value


def _known_country(value: str) -> str:
    if value not in COUNTRIES:
        raise ValueError("must be a country's two letters of ISO 3166-1")
    return value


@cache
def _time_zones() -> set[str]:
    from zoneinfo import available_timezones  # looks at some 600 files

    return available_timezones()


def _known_time_zone(value: str) -> str:
    if value not in _time_zones():
        raise ValueError("must be a time zone's name: Europe/Berlin")
    return value


def _not_reserved(value: str) -> str:
    if is_reserved(value):
        raise ValueError("is reserved; choose another")
    return value


Line = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True, pattern=_LINE)]
About = Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True, pattern=_LINES)]
Phone = Annotated[
    str,
    BeforeValidator(_without_separators),
    StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$"),
    Field(description="E.164: +442079460958"),
]
BirthDate = Annotated[date, BeforeValidator(_written_date), AfterValidator(_past)]
Handle = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_]{2,29}$"),
    AfterValidator(_not_reserved),
    Field(description="What others may send money to: 3 to 30 of a-z, 0-9 and _, beginning with a letter."),
]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), AfterValidator(_known_country)]
TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_time_zone)]


class Me(BaseModel):
    """What is below `handle` is null for a token without the scope `profile`."""

    id: UUID
    email: str
    display_name: str
    locale: Locale
    roles: list[str]
    email_verified: bool
    has_password: bool
    avatar_url: str | None = Field(description="A path of this API; `?size=128` gives the small one.")
    created_at: datetime
    handle: str | None = Field(default=None, description="Public: what others may send money to.")
    full_name: str | None = None
    about: str | None = None
    phone: str | None = None
    birth_date: date | None = None
    country: str | None = None
    city: str | None = None
    time_zone: str | None = None


class MeUpdate(Strict):
    # Neither can be cleared; a factory, so that the document shows no default: nothing happens to what is left out.
    display_name: DisplayName = Field(default_factory=str)
    locale: Locale = Field(default_factory=lambda: "en")
    handle: Handle | None = None
    full_name: Line | None = None
    about: About | None = None
    phone: Phone | None = None
    birth_date: BirthDate | None = None
    country: Country | None = None
    city: Line | None = None
    time_zone: TimeZone | None = None
