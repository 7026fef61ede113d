"""The workbook as a file: checked, scanned, and opened sheet by sheet."""

from pathlib import Path

from analytics.archive import open_archive
from analytics.book_parts import book_parts
from analytics.limits import Limits
from analytics.prescan import SheetScan, scan_parts
from analytics.reading_ahead import ReadingAhead
from analytics.refusal import WorkbookRefused
from analytics.sheets import KEPT_CELLS, CalamineSheet, OpenpyxlSheet, Sheet

_SMALL_BYTES = 150 * 1024 * 1024
"""Unpacked."""


class Workbook:
    """One sheet is in memory at a time, or two small ones. Raises WorkbookRefused for what is not a readable xlsx file.

    Unless it is to be `careful`, the first sheet is parsed while all are scanned for what parsing must not be tried with: a
    hostile one may end the process then, before the scan could say why.
    """

    def __init__(self, path: Path, limits: Limits, *, careful: bool = False) -> None:
        import python_calamine

        with open_archive(path, limits) as archive:
            self._calamine = ReadingAhead(path)
            if not careful and sum(entry.file_size for entry in archive.infolist()) <= _SMALL_BYTES:
                self._calamine.begin_first()
            scans = scan_parts(archive, limits)
            parts = book_parts(archive)
        by_part = {name.lower(): scan for name, scan in scans.items()}
        self._scans = {name: by_part[part] for name, part in parts.sheets.items() if part in by_part}
        self.pivots, self.date1904 = parts.pivots, parts.date1904
        try:
            sheets = self._calamine.metadata()
        except (python_calamine.CalamineError, OSError) as error:
            raise WorkbookRefused(f"The workbook cannot be read: {error}") from None
        kinds = python_calamine.SheetTypeEnum
        self._metadata = {m.name: m for m in sheets if m.typ == kinds.WorkSheet}
        self.path = path
        self.names = list(self._metadata)
        self.other_sheets = [m.name for m in sheets if m.typ != kinds.WorkSheet]
        if len(self.names) > limits.sheets:
            raise WorkbookRefused(f"The workbook has {len(self.names)} sheets; {limits.sheets} are allowed.")
        self._open: Sheet | None = None

    def sheet(self, name: str) -> Sheet:
        if self._open is None or self._open.name != name:
            self._open = None  # before the next one is read
            self._open = self._read(name)
            following = self.names[(self.names.index(name) + 1) % len(self.names)]
            if self._is_small(name) and self._is_small(following) and following != name:
                self._calamine.begin(following)
        return self._open

    def _is_small(self, name: str) -> bool:
        scan = self._scans.get(name, SheetScan())
        return scan.cells <= KEPT_CELLS and not scan.needs_openpyxl

    def row_count(self, name: str) -> int:
        return self._scans.get(name, SheetScan()).rows

    def _read(self, name: str) -> Sheet:
        import python_calamine

        hidden = self._metadata[name].visible != python_calamine.SheetVisibleEnum.Visible
        scan = self._scans.get(name, SheetScan())
        if scan.needs_openpyxl:
            return OpenpyxlSheet(self.path, name, hidden=hidden, scan=scan)
        try:
            return CalamineSheet(self._calamine.sheet(name), hidden=hidden, scan=scan)
        except (python_calamine.CalamineError, OSError) as error:
            raise WorkbookRefused(f"The sheet {name!r} cannot be read: {error}") from None
