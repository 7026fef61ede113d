"""A cell as its column's type writes it. Text in, text out: amounts never pass through binary arithmetic."""

import math
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from analytics.cells import EXACT_FLOAT, CellError, Value, text_of
from analytics.column_types import ColumnType
from analytics.date_texts import parse_date, styles_of
from analytics.evidence import seconds_of
from analytics.numerals import parse_numeral

_YES = frozenset(["true", "yes", "y", "1", "да", "истина", "+"])
_NO = frozenset(["false", "no", "n", "0", "нет", "ложь", "-"])
_SAFE_DIGITS = 18
_FIRST_YEAR = 1900
_CLOCK = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?")


class Misfit(Exception):
    """The cell is not of its column's type; the message says why."""


def converter(column: ColumnType) -> Callable[[Value], str | None]:
    """A function from a cell to the text the columnar file is written from; None for a blank. It raises Misfit."""
    by_type: dict[str, Callable[[Value, ColumnType], str]] = {
        "text": lambda value, _: text_of(value),
        "boolean": _boolean,
        "integer": _integer,
        "decimal": _number,
        "float": _number,
        "date": _date,
        "datetime": _datetime,
        "time": _time,
    }
    write = by_type[column.name]

    def convert(value: Value) -> str | None:
        if value is None:
            return None
        if isinstance(value, CellError):
            raise Misfit(value.reason)
        return write(value, column)

    return convert


def _boolean(value: Value, _: ColumnType) -> str:
    """Words and digits for it are read where a person has told so: by themselves they are other things."""
    if isinstance(value, bool):
        return "true" if value else "false"
    word = text_of(value).strip().casefold()
    if word in _YES or word in _NO:
        return "true" if word in _YES else "false"
    raise Misfit("not a yes or no")


def _integer(value: Value, column: ColumnType) -> str:
    digits = _number(value, column)
    whole, _, rest = digits.partition(".")
    if rest.strip("0"):
        raise Misfit("not a whole number")
    if len(whole) > _SAFE_DIGITS and not -(2**63) <= int(whole) < 2**63:
        raise Misfit("a number of more than 18 digits")
    return whole


def _number(value: Value, column: ColumnType) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not math.isfinite(value):
            raise Misfit("not a finite number")
        return _digits(value)
    if isinstance(value, timedelta):
        return format(seconds_of(value), "f")
    if isinstance(value, str) and column.numeral_style and (numeral := parse_numeral(value.strip())):
        read = numeral.point if column.numeral_style == "point" else numeral.comma
        if read is not None:
            return format(read, "f")
    raise Misfit("not a number")


def _digits(value: float) -> str:
    """The shortest text that stands for the same float, which is what Excel shows; without an exponent."""
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_FLOAT:
        return str(int(value))
    text = repr(value)
    return format(Decimal(text), "f") if "e" in text else text


def _date(value: Value, column: ColumnType) -> str:
    return _datetime(value, column)[:10]


def _datetime(value: Value, column: ColumnType) -> str:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(sep=" ")
    if isinstance(value, date):
        return f"{value.isoformat()} 00:00:00"
    if isinstance(value, str):
        return _datetime_of_text(value.strip(), column)
    if column.serials and isinstance(value, (int, float)) and not isinstance(value, bool):
        return _datetime_of_serial(value, column.serials)
    raise Misfit("not a date")


def _datetime_of_text(text: str, column: ColumnType) -> str:
    try:
        for style in column.date_styles:
            if (moment := parse_date(text, style)) is not None:
                return moment.isoformat(sep=" ")
    except (ValueError, OverflowError):
        raise Misfit("no such day in the calendar, or time on the clock") from None
    raise Misfit("not a date, or one that could be read in two ways" if any(styles_of(text)) else "not a date")


def _datetime_of_serial(value: float, since: str) -> str:
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

    try:
        moment = from_excel(value, MAC_EPOCH if since == "1904" else WINDOWS_EPOCH)
    except (ValueError, OverflowError):
        moment = None
    if not isinstance(moment, datetime) or moment.year < _FIRST_YEAR:  # below 1 it is a time of day
        raise Misfit("a number that stands for no day")
    return moment.isoformat(sep=" ")


def _time(value: Value, _: ColumnType) -> str:
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, str) and _CLOCK.fullmatch(value.strip()):
        return time.fromisoformat(value.strip().zfill(5)).isoformat()
    raise Misfit("not a time of day")
