"""Cells merged over several rows: the file has their value in the first one only."""

from collections.abc import Sequence

from analytics.cells import Value

type Span = tuple[int, int, int]
"""First and last row, as numbered on the sheet, and the position of the cell among a table's columns."""


class MergedCells:
    """Of one table, in one pass down its rows."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._waiting = sorted(spans, reverse=True)
        self._open: dict[int, tuple[int, Value]] = {}

    def fill(self, number: int, values: list[Value]) -> None:
        """What a merged cell says holds for each of its rows."""
        while self._waiting and self._waiting[-1][0] <= number:
            first, last, position = self._waiting.pop()
            self._open[position] = last, values[position] if first == number else None
        for position, (last, value) in list(self._open.items()):
            if last < number:
                del self._open[position]
            elif values[position] is None:
                values[position] = value
