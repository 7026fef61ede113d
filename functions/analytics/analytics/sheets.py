"""The sheets of a workbook as rows of values. calamine reads; openpyxl, ten times slower, where calamine would lose something."""

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

from analytics.archive import open_archive
from analytics.cells import CellError, Uncalculated, Value, cell_name
from analytics.limits import Limits
from analytics.prescan import SheetScan, scan_parts
from analytics.refusal import WorkbookRefused

type Row = tuple[int, list[Value]]
"""A row's number on the sheet, from 1, and its cells from the sheet's first column that holds anything."""

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


class Workbook:
    """One sheet is in memory at a time. Raises WorkbookRefused for whatever is not a readable xlsx file."""

    def __init__(self, path: Path, limits: Limits) -> None:
        import python_calamine

        with open_archive(path, limits) as archive:
            scans = scan_parts(archive, limits)
            self._scans = _scans_by_sheet(archive, scans)
        try:
            self._calamine = python_calamine.CalamineWorkbook.from_path(path)
        except (python_calamine.CalamineError, OSError) as error:
            raise WorkbookRefused(f"The workbook cannot be read: {error}") from None
        kinds = python_calamine.SheetTypeEnum
        self._metadata = {m.name: m for m in self._calamine.sheets_metadata if m.typ == kinds.WorkSheet}
        self.path = path
        self.names = list(self._metadata)
        self.other_sheets = [m.name for m in self._calamine.sheets_metadata if m.typ != kinds.WorkSheet]
        if len(self.names) > limits.sheets:
            raise WorkbookRefused(f"The workbook has {len(self.names)} sheets; {limits.sheets} are allowed.")
        self._open: Sheet | None = None

    def sheet(self, name: str) -> Sheet:
        if self._open is None or self._open.name != name:
            self._open = None  # before the next one is read
            self._open = self._read(name)
        return self._open

    def row_count(self, name: str) -> int:
        return self._scans.get(name, SheetScan()).rows

    def _read(self, name: str) -> Sheet:
        import python_calamine

        hidden = self._metadata[name].visible != python_calamine.SheetVisibleEnum.Visible
        scan = self._scans.get(name, SheetScan())
        if scan.needs_openpyxl:
            return OpenpyxlSheet(self.path, name, hidden=hidden, scan=scan)
        try:
            return CalamineSheet(self._calamine.get_sheet_by_name(name), hidden=hidden, scan=scan)
        except (python_calamine.CalamineError, OSError) as error:
            raise WorkbookRefused(f"The sheet {name!r} cannot be read: {error}") from None


class CalamineSheet:
    """calamine gives "" for a blank cell and a float for every number."""

    def __init__(self, sheet: Any, *, hidden: bool, scan: SheetScan) -> None:
        self.name: str = sheet.name
        self.hidden = hidden
        self.first_column: int = sheet.start[1] if sheet.start else 0
        self.merged = sheet.merged_cell_ranges or []
        self._sheet = sheet
        self._uncalculated = set(scan.uncalculated)

    def rows(self) -> Iterator[Row]:
        for number, cells in enumerate(self._sheet.iter_rows(), start=1):
            values = [None if type(value) is str and (not value or value.isspace()) else value for value in cells]
            yield from _with_formulas(number, values, self.first_column, self._uncalculated)


class OpenpyxlSheet:
    """Read once, in read-only mode, into a file beside the workbook: the passes after the first are ten times as fast."""

    first_column = 0

    def __init__(self, path: Path, name: str, *, hidden: bool, scan: SheetScan) -> None:
        self.name = name
        self.hidden = hidden
        self.merged: list[tuple[tuple[int, int], tuple[int, int]]] = []
        self._path = path
        self._copy = path.with_name(f"{hashlib.sha256(name.encode()).hexdigest()}.rows")
        self._uncalculated = set(scan.uncalculated)

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
            yield from _with_formulas(number, [_openpyxl_value(cell) for cell in cells], 0, self._uncalculated)


def _openpyxl_value(cell: Any) -> Value:
    value: Value = cell.value
    if isinstance(value, str):
        if cell.data_type == "e":
            return CellError(value)
        if not value or value.isspace():
            return None
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value)
    return value


def _with_formulas(number: int, values: list[Value], first_column: int, uncalculated: set[str]) -> Iterator[Row]:
    if uncalculated:
        for index, value in enumerate(values):
            if value is None and cell_name(first_column + index, number) in uncalculated:
                values[index] = Uncalculated("")
    if any(value is not None for value in values):
        yield number, values


_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"


def _scans_by_sheet(archive: zipfile.ZipFile, scans: dict[str, SheetScan]) -> dict[str, SheetScan]:
    """Sheet names are in the workbook part, part names in its relationships."""
    parts = {name.lower(): name for name in archive.namelist()}
    relations, workbook = parts.get("xl/_rels/workbook.xml.rels"), parts.get("xl/workbook.xml")
    if relations is None or workbook is None:
        raise WorkbookRefused("The file has no workbook part where Excel puts it.")
    try:
        # Parsed in the child process, and the scan has refused every DOCTYPE.
        targets = {r.get("Id"): r.get("Target", "") for r in ET.fromstring(archive.read(relations))}  # noqa: S314
        sheets = ET.fromstring(archive.read(workbook)).iter()  # noqa: S314
    except ET.ParseError:
        raise WorkbookRefused("The workbook part is damaged.") from None
    found = {}
    by_part = {name.lower(): scan for name, scan in scans.items()}
    for sheet in sheets:
        if sheet.tag in (f"{_MAIN}sheet", f"{_STRICT}sheet"):
            relation = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
            target = targets.get(relation, "").lstrip("/")
            part = target if target.startswith("xl/") else f"xl/{target}"
            if scan := by_part.get(part.lower()):
                found[sheet.get("name", "")] = scan
    return found
