"""Dates that were typed as text, in the ways that people and programs write them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SHORTEST = 8
"""Characters of the shortest: 1/2/2024."""
_YEAR, _MONTH, _DAY = r"(?P<year>\d{4})", r"(?P<month>0[1-9]|1[0-2])", r"(?P<day>0[1-9]|[12]\d|3[01])"
_ANY_MONTH, _ANY_DAY = r"(?P<month>0?[1-9]|1[0-2])", r"(?P<day>0?[1-9]|[12]\d|3[01])"
_CLOCK = r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(:(?P<second>[0-5]\d)(\.(?P<fraction>\d{1,6}))?)?"
_ZONE = r" ?(?P<zone>Z|UTC|(?P<sign>[-+])(?P<zone_hours>0\d|1[0-4]):?(?P<zone_minutes>[0-5]\d))"
_ISO, _DOTTED = f"{_YEAR}-{_MONTH}-{_DAY}", rf"{_DAY}\.{_MONTH}\.{_YEAR}"
_MONTH_FIRST, _DAY_FIRST = f"{_ANY_MONTH}/{_ANY_DAY}/{_YEAR}", f"{_ANY_DAY}/{_ANY_MONTH}/{_YEAR}"
_HALVES = rf" {_CLOCK}( ?(?P<half>[AaPp])[Mm])?"


@dataclass(frozen=True, slots=True)
class DateStyle:
    """`shown` is for people."""

    shown: str
    pattern: re.Pattern[str]
    timed: bool = False


STYLES = {
    "iso": DateStyle("YYYY-MM-DD", re.compile(_ISO)),
    "iso_time": DateStyle("YYYY-MM-DD hh:mm", re.compile(f"{_ISO}[ T]{_CLOCK}"), timed=True),
    "iso_zone": DateStyle(
        "YYYY-MM-DD hh:mm with a time zone, here in UTC", re.compile(f"{_ISO}[ T]{_CLOCK}{_ZONE}"), timed=True
    ),
    "dotted": DateStyle("DD.MM.YYYY", re.compile(_DOTTED)),
    "dotted_time": DateStyle("DD.MM.YYYY hh:mm", re.compile(f"{_DOTTED} {_CLOCK}"), timed=True),
    "month_first": DateStyle("MM/DD/YYYY", re.compile(_MONTH_FIRST)),
    "month_first_time": DateStyle("MM/DD/YYYY hh:mm", re.compile(_MONTH_FIRST + _HALVES), timed=True),
    "day_first": DateStyle("DD/MM/YYYY", re.compile(_DAY_FIRST)),
    "day_first_time": DateStyle("DD/MM/YYYY hh:mm", re.compile(_DAY_FIRST + _HALVES), timed=True),
}


def styles_of(text: str) -> Iterator[str]:
    """Those in which it could be a date; 03/04/2024 could be two, and then only other cells can tell."""
    if len(text) >= SHORTEST and text[0].isdigit():
        for name, style in STYLES.items():
            if style.pattern.fullmatch(text):
                yield name


def parse_date(text: str, style: str) -> datetime | None:
    """None if it is not written so. Raises ValueError for a day that the calendar does not have."""
    match = STYLES[style].pattern.fullmatch(text)
    if match is None:
        return None
    given = {name: value for name, value in match.groupdict().items() if value is not None}
    year, month, day, hour, minute, second = (
        int(given.get(name, 0)) for name in ("year", "month", "day", "hour", "minute", "second")
    )
    if half := given.get("half", "").lower():
        if not 1 <= hour <= 12:  # noqa: PLR2004 - of a clock with two halves
            raise ValueError(text)
        hour = hour % 12 + 12 * (half == "p")
    moment = datetime(year, month, day, hour, minute, second, int(given.get("fraction", "0").ljust(6, "0")), tzinfo=UTC)
    return (moment - _offset(given)).replace(tzinfo=None)


def _offset(given: dict[str, str]) -> timedelta:
    offset = timedelta(hours=int(given.get("zone_hours", 0)), minutes=int(given.get("zone_minutes", 0)))
    return -offset if given.get("sign") == "-" else offset
