"""A cell as its column's type writes it. Text in, text out: amounts never pass through binary arithmetic."""

import math
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from analytics.cells import EXACT_FLOAT, CellError, Value, text_of
from analytics.column_types import ColumnType
from analytics.date_texts import parse_date
from analytics.evidence import seconds_of
from analytics.numerals import parse_numeral


class Misfit(Exception):
    """The cell is not of its column's type; the message says why."""


def converter(column: ColumnType) -> Callable[[Value], str | None]:
    """A function from a cell to the text the columnar file is written from; None for a blank. It raises Misfit."""
    by_type: dict[str, Callable[[Value, ColumnType], str]] = {
        "text": lambda value, _: text_of(value),
        "boolean": _boolean,
        "integer": _number,
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
    if isinstance(value, bool):
        return "true" if value else "false"
    raise Misfit("not a yes or no")


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
    if isinstance(value, str) and column.date_style:
        try:
            moment = parse_date(value.strip(), column.date_style)
        except (ValueError, OverflowError):
            raise Misfit("no such day in the calendar, or time on the clock") from None
        if moment is not None:
            return moment.isoformat(sep=" ")
    raise Misfit("not a date")


def _time(value: Value, _: ColumnType) -> str:
    if isinstance(value, time):
        return value.isoformat()
    raise Misfit("not a time of day")
