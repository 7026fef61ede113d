"""What of a widget's figures is drawn: categories along an axis, and a line, bar or slice for each series."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from analytics.exports import plain, rows_of
from analytics.widget_data import Figures

_NUMBERS = (int, float, Decimal)
_MOST_SERIES = 8
"""More cannot be told apart."""


@dataclass(frozen=True, slots=True)
class ChartData:
    """`series`: by name, a number or None for each of the `categories`. Only for drawing: these are floats."""

    categories: list[str]
    series: dict[str, list[float | None]]


def chart_data(figures: Sequence[Figures]) -> ChartData:
    """All series of a widget over the same categories: dates in their order, other values as they come."""
    points: dict[str, dict[Any, float]] = {}
    for each in figures:
        for name, category, value in _points(each, several=len(figures) > 1):
            points.setdefault(name, {})[category] = value
    names = sorted(points, key=lambda name: -sum(map(abs, points[name].values())))[:_MOST_SERIES]
    kept = {name: points[name] for name in points if name in names}
    categories = list(dict.fromkeys(category for values in kept.values() for category in values))
    if all(isinstance(category, date) for category in categories):
        categories.sort()
    series = {name: [values.get(category) for category in categories] for name, values in kept.items()}
    return ChartData([plain(category) or "–" for category in categories], series)


def _points(figures: Figures, *, several: bool) -> list[tuple[str, Any, float]]:
    """(series, category, value): of two groups the second one tells series apart, else each measure is one."""
    names, *rows = rows_of(figures)
    measures = [index for index, name in enumerate(names) if index and _numeric(rows, index)]
    others = [index for index in range(1, len(names)) if index not in measures]
    found = []
    for row in rows:
        for index in measures[-1:] if others else measures:
            words = [plain(row[other]) for other in others]
            if several:
                words.insert(0, figures.title)
            if len(measures) > 1 and not others:
                words.append(names[index])
            if row[index] is not None:
                found.append((" ".join(words) or names[index], row[0], float(row[index])))
    return found


def _numeric(rows: Sequence[Sequence[Any]], index: int) -> bool:
    values = [row[index] for row in rows if row[index] is not None]
    return bool(values) and all(isinstance(value, _NUMBERS) and not isinstance(value, bool) for value in values)
