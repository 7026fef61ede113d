"""What the workbook part says: which sheet is in which part, on which sheets a pivot table stands, and how days are counted."""

import zipfile
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from analytics.refusal import WorkbookRefused

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"


@dataclass(frozen=True, slots=True)
class BookParts:
    """`sheets`: the part of each sheet by its name, in lower case."""

    sheets: dict[str, str]
    pivots: set[str]
    date1904: bool


def book_parts(archive: zipfile.ZipFile) -> BookParts:
    """Raises WorkbookRefused."""
    parts = {name.lower(): name for name in archive.namelist()}
    relations, workbook = parts.get("xl/_rels/workbook.xml.rels"), parts.get("xl/workbook.xml")
    if relations is None or workbook is None:
        raise WorkbookRefused("The file has no workbook part where Excel puts it.")
    try:
        # Parsed in the child process, and the scan has refused every DOCTYPE.
        targets = {r.get("Id"): r.get("Target", "") for r in ET.fromstring(archive.read(relations))}  # noqa: S314
        elements = list(ET.fromstring(archive.read(workbook)).iter())  # noqa: S314
    except ET.ParseError:
        raise WorkbookRefused("The workbook part is damaged.") from None
    sheets = {each.get("name", ""): _part(each, targets) for each in elements if _is(each, "sheet")}
    date1904 = any(each.get("date1904") in ("1", "true") for each in elements if _is(each, "workbookPr"))
    pivots = {name for name, part in sheets.items() if _has_pivot(archive, parts, part)}
    return BookParts(sheets, pivots, date1904)


def _is(element: ET.Element, name: str) -> bool:
    return element.tag in (f"{_MAIN}{name}", f"{_STRICT}{name}")


def _part(sheet: ET.Element, targets: dict[str | None, str]) -> str:
    relation = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
    target = targets.get(relation, "").lstrip("/").lower()
    return target if target.startswith("xl/") else f"xl/{target}"


def _has_pivot(archive: zipfile.ZipFile, parts: dict[str, str], part: str) -> bool:
    """A part's relationships stand in another one, named after it."""
    folder, _, name = part.rpartition("/")
    relations = parts.get(f"{folder}/_rels/{name}.rels")
    return relations is not None and b"pivotTable" in archive.read(relations)
