"""Rows under or between the data that repeat its sums: counted in, they would double every result."""

import re
from collections.abc import Sequence

from analytics.cells import Value
from analytics.evidence import Evidence

_SUMMANDS = 3
_WORD = r"(?:(?:grand|sub)[\s-]*)?totals?|итог[ои]?|подытог|всего|сумма|summe|gesamt|totale?|razem"
_ALONE = re.compile(rf"(?:{_WORD})(?:\s+(?:по|за|for|of)\b.*)?\s*[:.]?", re.IGNORECASE)
_FIRST = re.compile(rf"(?:{_WORD})\b.*|.*\b(?:total|итого?)\s*[:.]?", re.IGNORECASE)


def is_labelled_total(values: Sequence[Value], *, last: bool) -> bool:
    """The row's first text says so, and the row has the gaps a total has: a product may be called Total, too."""
    filled = [value for value in values if value is not None]
    label = next((value.strip() for value in filled if isinstance(value, str)), "")
    gaps = len(values) - len(filled)
    if _ALONE.fullmatch(label):
        return gaps > 0 or last
    return _FIRST.fullmatch(label) is not None and (len(filled) * 2 <= len(values) or (last and gaps > 0))


def is_unlabelled_total(values: Sequence[Value], columns: Sequence[Evidence]) -> bool:
    """A last row of little but the sums of the columns above it."""
    filled = [(value, column) for value, column in zip(values, columns, strict=True) if value is not None]
    if not filled or len(filled) * 2 > len(values):
        return False
    return all(
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and column.kinds["number"] >= _SUMMANDS
        and abs(value - column.sum) <= 1e-6 * max(1.0, abs(column.sum))
        for value, column in filled
    )
