"""A look at a workbook's bytes before a reader allocates for them: how large each sheet truly is, and what readers get wrong."""

import re
import string
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from analytics.archive import inflate
from analytics.cells import Value
from analytics.corrections import NoPosition, corrections
from analytics.limits import Limits
from analytics.refusal import WorkbookRefused

_LONGEST_ROW = 32 * 1024 * 1024
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_CELL = re.compile(rb"<(?:[\w.-]+:)?c(?=[\s/>])(?:[^>]*?\sr\s*=\s*[\"']([A-Za-z]{0,9})(\d{0,19}))?[^>]*?(/?)>")
_USUAL_CELL = re.compile(rb'<c r="([A-Z]{1,3}[0-9]{1,7})"[^>/]*>')
"""How Excel and the libraries write a cell with content: several times as fast to find as in general."""
_EMPTY_CELL = re.compile(rb'<c r="[A-Z]{1,3}[0-9]{1,7}"[^>/]*/>')
_PREFIXED_CELL = re.compile(rb":c[ />\t\r\n]")
_LETTERS, _DIGITS = string.ascii_uppercase.encode(), string.digits.encode()
_ANY_CELL = re.compile(rb"[<:]c[ />\t\r\n]")
_ROW = re.compile(rb"<(?:[\w.-]+:)?row(?=[\s/>])(?:[^>]*?\sr\s*=\s*[\"'](\d{0,19}))?")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_OTHER_ENCODING = re.compile(rb"[^<]*<\?xml[^>]*?\sencoding\s*=\s*[\"'](?!(?:utf-?8|us-ascii)[\"'])", re.IGNORECASE)
_MAX_CORRECTIONS = 200_000
"""Beyond that many a dictionary of them costs more than the slower reader does."""


@dataclass(slots=True)
class SheetScan:
    """What one worksheet part holds. Rows and columns count from 1, like the sheet's own."""

    cells: int = 0
    """With content; those that only bear a format count apart."""
    formatted: int = 0
    rows: int = 0
    columns: int = 0
    corrections: dict[int, dict[int, Value]] = field(default_factory=dict)
    """By row number, then by column counted from 0."""
    corrected: int = 0
    needs_openpyxl: bool = False
    """There are cells to correct whose position is not known, or too many."""


def scan_parts(archive: zipfile.ZipFile, limits: Limits) -> dict[str, SheetScan]:
    """Unpack every XML part once, counting; the scans of the worksheets by part name. Raises WorkbookRefused."""
    scans: dict[str, SheetScan] = {}
    unpacked = 0
    for entry in archive.infolist():
        name = entry.filename.lower()
        if not name.endswith((".xml", ".rels", ".vml")):
            continue
        chunks = _without_doctype(inflate(archive, entry, limits))
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            scan = scans[entry.filename] = SheetScan()
            for piece in _whole_rows(chunks):
                _scan_rows(piece, scan, limits)
        else:
            for _ in chunks:
                pass
        unpacked += entry.file_size
        if unpacked > limits.unpacked_bytes:
            raise WorkbookRefused(f"The file unpacks to more than {limits.unpacked_bytes // 1_048_576} MB.")
    _check_totals(scans, limits)
    return scans


def _check_totals(scans: dict[str, SheetScan], limits: Limits) -> None:
    if sum(scan.cells for scan in scans.values()) > limits.cells:
        raise _too_many_cells(limits)
    if sum(scan.rows * scan.columns for scan in scans.values()) > limits.bounding_box:
        raise WorkbookRefused(
            f"The sheets span more than {limits.bounding_box:,} cells. Delete the cells that stand far away from the data."
        )


def _too_many_cells(limits: Limits) -> WorkbookRefused:
    return WorkbookRefused(f"The workbook has more than {limits.cells:,} cells.")


def _without_doctype(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Entities are how XML explodes, and a workbook has no use for them. Another encoding would hide them from this scan."""
    tail = b""
    for number, chunk in enumerate(chunks):
        if number == 0 and (chunk.startswith(_UTF_16) or _OTHER_ENCODING.match(chunk)):
            raise WorkbookRefused("A part of the file is not written in UTF-8.")
        if b"<!DOCTYPE" in tail + chunk or b"<!ENTITY" in tail + chunk:
            raise WorkbookRefused("The file contains XML declarations that no Excel workbook has.")
        tail = chunk[-9:]
        yield chunk


def _whole_rows(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Cut where a row ends, so that no pattern straddles a cut; in a row of 32 MB, where any tag begins."""
    rest = b""
    for chunk in chunks:
        rest += chunk
        cut = rest.rfind(b"row>") + len(b"row>") if b"row>" in rest else 0
        if not cut and len(rest) > _LONGEST_ROW:
            cut = rest.rfind(b"<")
        if cut > 0:
            yield rest[:cut]
            rest = rest[cut:]
    yield rest


def _scan_rows(piece: bytes, scan: SheetScan, limits: Limits) -> None:
    _count(piece, scan)
    if scan.cells > limits.cells or scan.formatted > 4 * limits.cells:
        raise _too_many_cells(limits)
    if not scan.needs_openpyxl:
        _correct(piece, scan)


def _correct(piece: bytes, scan: SheetScan) -> None:
    try:
        for (letters, row), value in corrections(piece):
            scan.corrections.setdefault(row, {})[_column(letters) - 1] = value
            scan.corrected += 1
    except NoPosition:
        scan.needs_openpyxl = True
    if scan.corrected > _MAX_CORRECTIONS:
        scan.needs_openpyxl = True


def _count(piece: bytes, scan: SheetScan) -> None:
    """Cells without content do not widen the box that readers allocate."""
    places, cells = _USUAL_CELL.findall(piece), piece.count(b"<c")
    blank = len(_EMPTY_CELL.findall(piece)) if len(places) != cells else 0
    if not places or len(places) + blank != cells or _PREFIXED_CELL.search(piece):
        _count_any(piece, scan)
    else:
        scan.cells += len(places)
        scan.formatted += blank
        joined = b",".join(places)
        _widen(
            scan, set(joined.translate(None, _DIGITS).split(b",")), set(joined.translate(None, _LETTERS).split(b","))
        )


def _count_any(piece: bytes, scan: SheetScan) -> None:
    """However the XML is written, and with cells that only bear a format."""
    filled = [(letters, digits) for letters, digits, slash in _CELL.findall(piece) if not slash]
    scan.cells += len(filled)
    scan.formatted += len(_ANY_CELL.findall(piece)) - len(filled)
    if not filled:
        return
    letters, digits = map(set, zip(*filled, strict=True))
    if b"" in letters or b"" in digits:  # implied positions: at worst all cells stand in one row, then in one column
        scan.columns = max(scan.columns, _widest_row(piece))
        rows = _ROW.findall(piece)
        digits |= {*rows, str(scan.rows + len(rows)).encode()}
    _widen(scan, letters, digits)


def _widen(scan: SheetScan, letters: set[bytes], digits: set[bytes]) -> None:
    scan.columns = max(scan.columns, *map(_column, letters))
    last = max(int(text or 0) for text in digits)
    if last > _LAST_ROW or scan.columns > _LAST_COLUMN:
        raise WorkbookRefused(f"A sheet has a cell outside of Excel's {_LAST_ROW:,} rows and {_LAST_COLUMN:,} columns.")
    scan.rows = max(scan.rows, last)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _widest_row(piece: bytes) -> int:
    starts = [match.start() for match in _ROW.finditer(piece)] or [0]
    ends = [*starts[1:], len(piece)]
    return max(len(_CELL.findall(piece[start:end])) for start, end in zip(starts, ends, strict=True))
