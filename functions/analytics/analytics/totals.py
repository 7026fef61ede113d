"""Rows under or between the data that repeat its sums: counted in, they would double every result."""

import re
from collections.abc import Sequence
from typing import TypeGuard

from analytics.cells import Value
from analytics.evidence import Evidence

_SUMMANDS = 3
_SUMMED_ROWS = 500
_NEAR = 1e-6
_WORD = r"(?:(?:grand|sub)[\s-]*)?totals?|итог[ои]?|подытог|всего|сумма|summe|gesamt|totale?|razem"
_ANYWHERE = re.compile(_WORD, re.IGNORECASE)
_ALONE = re.compile(rf"(?:{_WORD})(?:\s+(?:по|за|for|of)\b.*)?\s*[:.]?", re.IGNORECASE)
_FIRST = re.compile(rf"(?:{_WORD})\b.*|.*\b(?:total|итого?)\s*[:.]?", re.IGNORECASE)


def is_labelled_total(values: Sequence[Value], above: Sequence[Sequence[Value]], *, last: bool) -> bool:
    """The row's first text says so, and the row has a total's gaps or sums: a product may be called Total, too."""
    label = next((value.strip() for value in values if isinstance(value, str)), "")
    if not _ANYWHERE.search(label):
        return False
    filled = [value for value in values if value is not None]
    gaps = len(values) - len(filled)
    if _ALONE.fullmatch(label):
        return gaps > 0 or last
    if not _FIRST.fullmatch(label):
        return False
    return len(filled) * 2 <= len(values) or (last and gaps > 0) or _sums_up(values, above)


def _sums_up(values: Sequence[Value], above: Sequence[Sequence[Value]]) -> bool:
    """In every column the sum of as many rows right above: "Total net sales" under its two lines."""
    sums = {i: value for i, value in enumerate(values) if _is_number(value)}
    left = dict(sums)
    for count, row in enumerate(reversed(above[-_SUMMED_ROWS:]), start=1):
        for index in left:
            value = row[index]
            left[index] -= value if _is_number(value) else 0
        if count > 1 and all(abs(rest) <= _NEAR * max(1.0, abs(sums[index])) for index, rest in left.items()):
            return bool(sums)
    return False


def _is_number(value: Value) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_unlabelled_total(values: Sequence[Value], columns: Sequence[Evidence]) -> bool:
    """A last row of little but the sums of the columns above it."""
    filled = [(value, column) for value, column in zip(values, columns, strict=True) if value is not None]
    if not filled or len(filled) * 2 > len(values):
        return False
    return all(
        _is_number(value)
        and column.kinds["number"] >= _SUMMANDS
        and abs(value - column.sum) <= _NEAR * max(1.0, abs(column.sum))
        for value, column in filled
    )
