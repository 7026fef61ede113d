"""The workbook as a file: checked, scanned, and opened sheet by sheet."""

import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

from analytics.archive import open_archive
from analytics.limits import Limits
from analytics.prescan import SheetScan, scan_parts
from analytics.refusal import WorkbookRefused
from analytics.sheets import CalamineSheet, OpenpyxlSheet, Sheet

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"


class Workbook:
    """One sheet is in memory at a time. Raises WorkbookRefused for whatever is not a readable xlsx file."""

    def __init__(self, path: Path, limits: Limits) -> None:
        import python_calamine

        with open_archive(path, limits) as archive:
            scans = scan_parts(archive, limits)
            sheets = _sheet_parts(archive)
            by_part = {name.lower(): scan for name, scan in scans.items()}
            self._scans = {name: by_part[part] for name, part in sheets.items() if part in by_part}
            self.pivots = {name for name, part in sheets.items() if _has_pivot(archive, part)}
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


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet names are in the workbook part, part names (here in lower case) in its relationships."""
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
    for sheet in sheets:
        if sheet.tag in (f"{_MAIN}sheet", f"{_STRICT}sheet"):
            relation = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
            target = targets.get(relation, "").lstrip("/").lower()
            found[sheet.get("name", "")] = target if target.startswith("xl/") else f"xl/{target}"
    return found


def _has_pivot(archive: zipfile.ZipFile, part: str) -> bool:
    """Its relationships stand beside it, in a part named after it."""
    folder, _, name = part.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    return any(b"pivotTable" in archive.read(each) for each in archive.namelist() if each.lower() == relations)
