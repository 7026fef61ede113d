"""A table as it stands on one sheet: its rows, and what its cells say about the types of its columns."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from analytics.blocks import row_texts
from analytics.cells import Value, text_of
from analytics.evidence import Evidence
from analytics.merged_cells import MergedCells
from analytics.sheets import Row, Sheet, has_content
from analytics.tables import Table
from analytics.totals import is_labelled_total, is_unlabelled_total

_STRETCH = 2_000
"""Rows that are weighed at once."""
_NUMBERED = 3
SEEN_EVERY = 2_000


@dataclass(slots=True)
class Part:
    """`see` every row, then `finish`: after that `evidence` and `table.left_out` are complete."""

    sheet: str
    hidden: bool
    table: Table
    evidence: list[Evidence] = field(init=False)
    lonely: list[tuple[int, str]] = field(default_factory=list)
    """Rows of one cell in a table of more columns, and what it says."""
    _stretch: list[list[Value]] = field(default_factory=list)
    _merged: MergedCells = field(init=False)
    _first: bool = True

    def __post_init__(self) -> None:
        self.evidence = [Evidence() for _ in self.table.columns]
        self._merged = MergedCells(self.table.merged)

    def see(self, number: int, values: list[Value]) -> None:
        if number in self.table.left_out:
            return
        last, above = number == self.table.data_end, self._stretch
        if last or len(self._stretch) >= _STRETCH:
            self.finish()
        if reason := self._not_data(values, above, last=last):
            self.table.left_out[number] = reason
        else:
            if self.table.merged:
                self._merged.fill(number, values)
            self._stretch.append(values)
            if len(values) > _NUMBERED and values.count(None) == len(values) - 1:
                self.lonely.append((number, next(text_of(value) for value in values if value is not None)))
        self._first = False

    def finish(self) -> None:
        for evidence, values in zip(self.evidence, zip(*self._stretch, strict=True), strict=False):
            evidence.add(values)
        self._stretch = []

    def _not_data(self, values: list[Value], above: list[list[Value]], *, last: bool) -> str | None:
        """Why a row within the table is not one of its data rows."""
        if _repeats_header(values, self.table):
            return "the column names once more"
        if self._first and len(values) >= _NUMBERED and values == list(range(1, len(values) + 1)):
            return "the columns' numbers"
        if is_labelled_total(values, above, last=last) or (last and is_unlabelled_total(values, self.evidence)):
            return "a total of the rows above"
        return None


def _repeats_header(values: list[Value], table: Table) -> bool:
    first = next((value for value in values if value is not None), None)
    if not isinstance(first, str) or table.names[:1] != [first.strip().casefold()]:
        return False
    return row_texts((0, values)) == table.names


def rows_of(sheet: Sheet, parts: Sequence[Part], seen: Callable[[], object]) -> Iterator[tuple[Part, Row, list[Value]]]:
    """Every row that has something in a part's columns, with the cells of these; in one pass over the sheet.

    `seen` is called after every SEEN_EVERY rows.
    """
    waiting = sorted(parts, key=lambda part: part.table.header_row, reverse=True)
    active: list[tuple[Part, list[int], bool]] = []
    change = 0
    """The next row where a part begins or has ended."""
    for count, row in enumerate(sheet.rows(), start=1):
        if count % SEEN_EVERY == 0:
            seen()
        number, cells = row
        if number >= change:
            while waiting and waiting[-1].table.header_row < number:
                part = waiting.pop()
                # Rows whose merged cells are to be filled are copies.
                whole = not part.table.merged and part.table.columns == list(range(len(part.table.columns)))
                active.append((part, part.table.columns, whole))
            active = [each for each in active if each[0].table.last_row >= number]
            if not active and not waiting:
                return
            ends = [part.table.last_row + 1 for part, _, _ in active]
            change = min([*ends, waiting[-1].table.header_row + 1] if waiting else ends)
        width = len(cells)
        for part, columns, whole in active:
            if whole and width == len(columns):
                yield part, row, cells
                continue
            values = [cells[index] if index < width else None for index in columns]
            if has_content(values) or number in part.table.left_out:
                yield part, row, values
