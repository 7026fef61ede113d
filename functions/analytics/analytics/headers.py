"""Which row of a block of rows names the columns."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from itertools import pairwise

from analytics.cells import CellError, Value, column_letters, text_of
from analytics.columnar import ROW_COLUMN, SHEET_COLUMN
from analytics.date_texts import styles_of
from analytics.evidence import LONGEST, PLACEHOLDERS
from analytics.numerals import parse_numeral
from analytics.sheets import Row

_LOOK = 20
"""Rows that are looked at below a possible header."""
_WIDE = 0.75
"""A header names at least this share of the columns that a typical row below it fills; a title does not."""
_NARROW = 0.5
"""Enough for a row that looks like a header in every other way, if there is no wider one."""
_MAX_LABEL = 255
_MAX_LEVELS = 3
_LONGEST_TITLE = 200
_COUNTED = 3
_YEARS = range(1900, 2101)
"""Numbers that may name a column."""


@dataclass(frozen=True, slots=True)
class Header:
    """Positions in the block's first rows: `top` and `bottom` of the names (equal but for two-level headers).

    A table without names has `bottom` one above its first row, and `named` false.
    """

    top: int
    bottom: int
    named: bool
    contrasts: bool
    """Something below it is of another kind than text: what tells a header from one more row of words."""


def find_header(rows: Sequence[Row]) -> Header | None:
    """None if there is no table in these rows: nothing but lines of text."""
    wide = [i for i in range(len(rows) - 1) if _is_wide(rows, i, _WIDE)]
    contrasting = [i for i in wide if _is_label_row(rows, i) and _contrasts(rows, i)] or [
        i for i in range(len(rows) - 1) if _is_wide(rows, i, _NARROW) and _is_label_row(rows, i) and _contrasts(rows, i)
    ]
    if contrasting and not any(_like_below(rows, i, contrasting[0]) for i in wide if i < contrasting[0]):
        return _with_levels(rows, contrasting[0])
    if not wide:
        return None
    first = wide[0]
    if _is_label_row(rows, first):
        return Header(first, first, named=True, contrasts=False)
    return Header(first, first - 1, named=False, contrasts=True)


def _with_levels(rows: Sequence[Row], top: int) -> Header:
    """Names may stand in two rows; and a narrower row of group names may stand right above."""
    bottom = top
    while bottom - top + 1 < _MAX_LEVELS and bottom + 2 < len(rows) and _is_second_level(rows, bottom + 1):
        bottom += 1
    while (
        bottom - top + 1 < _MAX_LEVELS and top and rows[top - 1][0] == rows[top][0] - 1 and _names_over(rows, top - 1)
    ):
        top -= 1
    return Header(top, bottom, named=True, contrasts=True)


def _is_second_level(rows: Sequence[Row], index: int) -> bool:
    """Words again. Above numbers typed as text, a row as full as the one before is data: house 12a before house 7."""
    names, over = _filled(rows[index]), _filled(rows[index - 1])
    if len(names) == 1 or any(_kind(value) != "text" for value in names.values()):
        return False
    typed = any(type(row[1][i]) is not str for row in _below(rows, index) for i in _filled(row) if i in names)
    return (typed or names.keys() != over.keys()) and _is_label_row(rows, index) and _contrasts(rows, index)


def _names_over(rows: Sequence[Row], above: int) -> bool:
    """It takes both rows to tell the columns apart: the names below repeat, or do not name a column that has data."""
    over, names = _filled(rows[above]), _filled(rows[above + 1])
    if len(over) == 1 or not _is_label_row(rows, above):
        return False
    texts = {text_of(value).strip().casefold() for value in names.values()}
    unnamed = {index for row in _below(rows, above + 1) for index in _filled(row)} - names.keys()
    return len(texts) < len(names) or not unnamed.isdisjoint(over)


def _filled(row: Row) -> dict[int, Value]:
    return {index: value for index, value in enumerate(row[1]) if value is not None}


def _below(rows: Sequence[Row], index: int) -> Sequence[Row]:
    return rows[index + 1 : index + 1 + _LOOK]


def _is_wide(rows: Sequence[Row], index: int, share: float) -> bool:
    widths = sorted(len(_filled(row)) for row in _below(rows, index))
    filled = len(_filled(rows[index]))
    return filled >= max(1, share * widths[len(widths) // 2]) and (filled > 1 or widths[-1] == 1)


def _is_label_row(rows: Sequence[Row], index: int) -> bool:
    """Texts, with years, dates or numbers among them that head columns of something else."""
    filled = _filled(rows[index])
    others = {column: value for column, value in filled.items() if not _is_label(value)}
    if len(others) == len(filled):
        return _only_years(rows, index)
    if _counts_up(list(others.values())):
        return True
    if not all(isinstance(value, (str, date)) or _is_year(value) for value in others.values()):
        return False
    if len(others) * 2 <= len(filled):
        return True
    below = [value for row in _below(rows, index) for column, value in _filled(row).items() if column in others]
    return sum(isinstance(value, date) or _is_year(value) for value in below) * 2 < len(below)


def _is_label(value: Value) -> bool:
    if type(value) is not str or len(value) > _MAX_LABEL or value.strip().casefold() in PLACEHOLDERS:
        return False
    return parse_numeral(value) is None


def _counts_up(values: Sequence[Value]) -> bool:
    """The days of a month, the weeks of a year: 1, 2, 3."""
    numbers = [int(v) for v in values if isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v)]
    return len(numbers) == len(values) >= _COUNTED and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _only_years(rows: Sequence[Row], index: int) -> bool:
    """One after the other, above figures that have words before them, as financial statements have them."""
    filled, below = _filled(rows[index]), _kinds_below(rows, index)
    years = [int(text) for text in map(text_of, filled.values()) if text.isdecimal() and int(text) in _YEARS]
    steps = {later - earlier for earlier, later in pairwise(years)}
    return (
        len(years) == len(filled)
        and steps in ({1}, {-1})
        and below.get(min(below), "") == "text"
        and min(below) < min(filled)
    )


def _is_year(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value in _YEARS


def _kind(value: Value) -> str:
    if isinstance(value, CellError):
        return "error"
    if isinstance(value, str):
        return _text_kind(value)
    if isinstance(value, (date, time, timedelta)):
        return "time"
    return "boolean" if isinstance(value, bool) else "number"


@lru_cache(maxsize=4_096)
def _text_kind(text: str) -> str:
    """Numbers and dates are typed as text, too."""
    text = text.strip()
    if len(text) > LONGEST or not any(map(str.isdigit, text)):
        return "text"
    if any(styles_of(text)):
        return "time"
    return "number" if parse_numeral(text) else "text"


def _kinds_below(rows: Sequence[Row], index: int) -> dict[int, str]:
    """The most frequent kind of each column's cells."""
    kinds: dict[int, Counter[str]] = {}
    for row in _below(rows, index):
        for column, value in _filled(row).items():
            kinds.setdefault(column, Counter())[_kind(value)] += 1
    return {column: counter.most_common(1)[0][0] for column, counter in kinds.items()}


def _contrasts(rows: Sequence[Row], index: int) -> bool:
    below = _kinds_below(rows, index)
    named = [i for i, v in _filled(rows[index]).items() if _kind(v) == "text"]
    return any(below.get(i, "text") not in ("text", "error") for i in named) or _only_years(rows, index)


def _like_below(rows: Sequence[Row], index: int, header: int) -> bool:
    """The row is data already, so the words below it are not the table's names."""
    below = _kinds_below(rows, header)
    kinds = {column: _kind(value) for column, value in _filled(rows[index]).items()}
    same = sum(below.get(column) == kind for column, kind in kinds.items())
    return same >= 0.8 * len(kinds) and any(kind != "text" for kind in kinds.values())


def column_titles(
    levels: Sequence[Row], columns: Sequence[int], first_column: int, spans: Sequence[tuple[int, int, int]]
) -> list[str]:
    """A name for each column: trimmed, one line, unique whatever the case (SQL does not see it either).

    `spans` are merged cells of the header as (row number, first index, last index): their text names all columns below.
    """
    titles: list[str] = []
    for index in columns:
        parts: list[str] = []
        for level, (number, cells) in enumerate(levels):
            source = next((a for row, a, b in spans if row == number and a <= index <= b), index)
            value = cells[source] if source < len(cells) else None
            if value is None and level < len(levels) - 1 and not spans:
                value = next((v for v in reversed(cells[:index]) if v is not None), None)
            part = " ".join(text_of(value).split())
            if part and part not in parts:
                parts.append(part)
        titles.append(" ".join(parts)[:_LONGEST_TITLE].strip() or f"Column {column_letters(first_column + index)}")
    return _unique(titles)


def _unique(titles: list[str]) -> list[str]:
    seen = {ROW_COLUMN, SHEET_COLUMN}
    for position, title in enumerate(titles):
        number, candidate = 1, title
        while candidate.casefold() in seen:
            number += 1
            candidate = f"{title} {number}"
        seen.add(candidate.casefold())
        titles[position] = candidate
    return titles
