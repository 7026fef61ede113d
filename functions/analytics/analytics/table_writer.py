"""Writes a table's rows as CSV, a stretch at a time, and tells of the cells and rows that it leaves out."""

import csv
from collections.abc import Callable, Iterable, Sequence
from itertools import batched
from typing import TextIO

from analytics.cells import Value, text_of
from analytics.column_texts import column_texts
from analytics.column_types import ColumnType
from analytics.merged_cells import MergedCells
from analytics.parts import Part
from analytics.sheets import Row

_STRETCH = 2_000
type Found = Callable[[int, int, str, str], object]
"""Called for a cell left blank or a row left out: its row, its index among the row's cells, its text, and why."""


class TableWriter:
    """No header, quoted texts, nothing at all for a blank; first the row's number."""

    def __init__(self, out: TextIO, types: Sequence[ColumnType]) -> None:
        self._writer = csv.writer(out, quoting=csv.QUOTE_NOTNULL, lineterminator="\n")
        self._texts = [column_texts(column) for column in types]
        self.rows = self.refused = 0

    def write(
        self,
        part: Part,
        order: Sequence[int],
        rows: Iterable[tuple[Part, Row, list[Value]]],
        tail: list[str],
        found: Found,
    ) -> None:
        """`order`: where each column of the table is among the part's. `tail` ends every row."""
        merged = MergedCells(part.table.merged)
        for stretch in batched(rows, _STRETCH, strict=False):
            numbers: list[int] = []
            kept: list[list[Value]] = []
            problems: list[tuple[int, int, str, str]] = []
            for _, (number, cells), values in stretch:
                reason = part.table.left_out.get(number)
                if reason is None:
                    if part.table.merged:
                        merged.fill(number, values)
                    numbers.append(number)
                    kept.append(values)
                else:
                    index, value = next((i, value) for i, value in enumerate(cells) if value is not None)
                    problems.append((number, index, text_of(value), f"row left out: {reason}"))
                    self.refused += 1
            columns = list(zip(*kept, strict=True))
            written: list[Sequence[str | None]] = []
            for position, texts in zip(order if kept else (), self._texts, strict=False):
                done, misfits = texts(columns[position])
                written.append(done)
                at = part.table.columns[position]
                problems += [(numbers[i], at, text_of(columns[position][i]), reason) for i, reason in misfits]
            written += [[text] * len(kept) for text in tail]
            self._writer.writerows(zip(map(str, numbers), *written, strict=True))
            self.rows += len(kept)
            for number, index, text, reason in sorted(problems):
                found(number, index, text, reason)
