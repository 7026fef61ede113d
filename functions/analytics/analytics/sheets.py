"""A sheet as rows of values. calamine reads; openpyxl, ten times slower, where that cannot be put right."""

import contextlib
import hashlib
import pickle
import re
import zipfile
from collections.abc import Iterator
from itertools import batched
from pathlib import Path
from typing import Any, Protocol
from xml.etree import ElementTree as ET

from analytics.cells import CellError, Value
from analytics.prescan import SheetScan
from analytics.refusal import WorkbookRefused

type Row = tuple[int, list[Value]]
"""A row's number on the sheet, from 1, and its cells from the sheet's first column that holds anything."""

_LAST_COLUMN = 16_384
KEPT_CELLS = 1_500_000
"""Of a sheet with so many, the rows are kept as Python has them, in some 80 MB; a larger one is gone through once more."""
_ESCAPED = re.compile(r"_x((?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")
"""How XML spells characters it cannot hold; halves of surrogate pairs stay as they are."""

_OPENPYXL_ERRORS = (ValueError, TypeError, KeyError, IndexError, AttributeError)
"""What openpyxl raises on files that are not quite as the standard wants them."""


class Sheet(Protocol):
    """One sheet; `rows` may be called again and again, and skips rows without content."""

    name: str
    hidden: bool
    first_column: int
    merged: list[tuple[tuple[int, int], tuple[int, int]]]
    """Ranges as ((row, column), (row, column)), all from 0; empty where the reader does not tell."""

    def rows(self) -> Iterator[Row]: ...


class CalamineSheet:
    """calamine gives "" for a blank cell and a float for every number; what it reads wrongly is put right."""

    def __init__(self, sheet: Any, *, hidden: bool, scan: SheetScan) -> None:
        self.name: str = sheet.name
        self.hidden = hidden
        self.merged = sheet.merged_cell_ranges or []
        self._sheet = sheet
        self._corrections = scan.corrections
        corrected = min((min(columns) for columns in scan.corrections.values()), default=_LAST_COLUMN)
        start = sheet.start[1] if sheet.start else corrected
        self.first_column: int = min(start, corrected)
        self._missing: list[Value] = [None] * (start - self.first_column)
        self._small = scan.cells <= KEPT_CELLS
        self._kept: list[Row] | None = None

    def rows(self) -> Iterator[Row]:
        if self._kept is not None:
            yield from self._kept
        elif self._small:
            kept: list[Row] = []
            for row in self._read():
                kept.append(row)
                yield row
            self._kept = kept  # only what was read to the end
        else:
            yield from self._read()

    def _read(self) -> Iterator[Row]:
        number = 0
        for number, cells in enumerate(self._sheet.iter_rows(), start=1):
            values = [None if type(value) is str and (not value or value.isspace()) else value for value in cells]
            if self._missing or number in self._corrections:
                yield from _corrected(number, self._missing + values, self._corrections, self.first_column)
            elif has_content(values):
                yield number, values
        for below in sorted(row for row in self._corrections if row > number):
            yield from _corrected(below, [], self._corrections, self.first_column)


def has_content(values: list[Value]) -> bool:
    """Most rows have something true in them, which is quick to find."""
    return any(values) or any(value is not None for value in values)


def _corrected(
    number: int, values: list[Value], corrections: dict[int, dict[int, Value]], first_column: int
) -> Iterator[Row]:
    for column, value in corrections.get(number, {}).items():
        index = column - first_column
        values += [None] * (index + 1 - len(values))
        values[index] = value
    if has_content(values):
        yield number, values


class OpenpyxlSheet:
    """Read once, in read-only mode, into a file beside the workbook: the passes after the first are ten times as fast."""

    first_column = 0

    def __init__(self, path: Path, name: str, *, hidden: bool, scan: SheetScan) -> None:
        self.name = name
        self.hidden = hidden
        self.merged: list[tuple[tuple[int, int], tuple[int, int]]] = []
        self._path = path
        self._corrections = scan.corrections
        self._copy = path.with_name(f"{hashlib.sha256(name.encode()).hexdigest()}.rows")

    def rows(self) -> Iterator[Row]:
        if not self._copy.exists():
            try:
                self._read()
            except (*_OPENPYXL_ERRORS, ET.ParseError, zipfile.BadZipFile) as error:
                raise WorkbookRefused(f"The sheet {self.name!r} cannot be read: {error}") from None
        with self._copy.open("rb") as copy:
            while rows := pickle.load(copy):  # noqa: S301 - written below
                yield from rows

    def _read(self) -> None:
        import openpyxl
        from openpyxl.worksheet._read_only import ReadOnlyWorksheet

        workbook = openpyxl.load_workbook(self._path, read_only=True, data_only=True, keep_links=False)
        with contextlib.closing(workbook), self._copy.open("wb") as copy:
            sheet = workbook[self.name]
            assert isinstance(sheet, ReadOnlyWorksheet)
            sheet.reset_dimensions()  # a wrong <dimension> would cut rows off without a word
            for rows in batched(self._rows_of(sheet), 1_000, strict=False):
                pickle.dump(rows, copy, pickle.HIGHEST_PROTOCOL)
            pickle.dump((), copy)

    def _rows_of(self, sheet: Any) -> Iterator[Row]:
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            values = [_openpyxl_value(cell) for cell in cells]
            yield from _corrected(number, values, self._corrections, 0)


def _openpyxl_value(cell: Any) -> Value:
    value: Value = cell.value
    if isinstance(value, str):
        if cell.data_type == "e":
            return CellError(value)
        if not value or value.isspace():
            return None
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value)
    return value
