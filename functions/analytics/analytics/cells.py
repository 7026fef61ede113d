"""What a cell may hold, and how it is named and written down."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal


class CellError(str):  # noqa: SLOT000 - a handful, and subclasses override an attribute
    """Excel's own error in a cell (`#DIV/0!`, `#N/A`), or a formula whose value the file lacks."""

    reason = "an error in Excel"


class Uncalculated(CellError):
    """A formula that no program has calculated yet."""

    reason = "a formula without a stored value: open the workbook in Excel, save it and upload it again"


EXACT_FLOAT = 2**53
"""Up to here every whole number is a float of its own."""

type Value = str | int | float | bool | date | datetime | time | timedelta | CellError | None
"""None is a blank cell. `bool` is tested before `int` and `datetime` before `date`: each is a subclass."""


def column_letters(index: int) -> str:
    """0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(column: int, row: int) -> str:
    """`column` counts from 0, `row` from 1 like the sheet's own."""
    return f"{column_letters(column)}{row}"


def text_of(value: Value) -> str:
    """As people would type it: 489434, not 489434.0; all digits of a large number, no exponent."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return _number_text(value)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
    return str(value).replace("\0", "")  # PostgreSQL stores no NUL; a workbook can spell one as _x0000_


def _number_text(value: float) -> str:
    if value.is_integer() and abs(value) < EXACT_FLOAT:
        return str(int(value))
    exact = Decimal(repr(value))
    return format(exact, "f") if exact.is_finite() else str(value)
