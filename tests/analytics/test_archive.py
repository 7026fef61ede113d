"""Files that are not what they seem. Each is refused with a sentence that says why."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from analytics.archive import open_archive
from analytics.limits import Limits
from analytics.prescan import scan_parts
from analytics.refusal import WorkbookRefused
from tests.analytics.books import SHEET1, book, with_parts, with_sheet

GOOD = book([["Who", "n"], ["Ann", 1]])
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)


def scan(content: bytes, path: Path, limits: Limits | None = None) -> None:
    file = path / "book.xlsx"
    file.write_bytes(content)
    with open_archive(file, limits or Limits()) as archive:
        scan_parts(archive, limits or Limits())


def _zip(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def _twice() -> bytes:
    buffer = io.BytesIO(GOOD)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(SHEET1, b"<worksheet/>")
    return buffer.getvalue()


def _encrypted_entry() -> bytes:
    content = bytearray(GOOD)
    content[content.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def test_a_good_workbook_passes(tmp_path: Path) -> None:
    scan(GOOD, tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"Day;Amount\n1;2\n", "not an Excel workbook"),
        (b"PK\x03\x04 but no more than that", "damaged"),
        (GOOD[: len(GOOD) // 2], "damaged"),
        (OLE, "Excel 97-2003"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (_zip(**{"a.txt": b"a"}), "not an Excel workbook"),
        (with_parts(GOOD, {"xl/workbook.xml": None, "xl/workbook.bin": b""}), ".xlsb"),
        (with_parts(GOOD, {"xl/vbaProject.bin": b"x"}), "macros"),
        (with_parts(GOOD, {"../evil.xml": b"x"}), "unusual name"),
        (with_parts(GOOD, {"/etc/passwd": b"x"}), "unusual name"),
        (_encrypted_entry(), "encrypted"),
        (with_parts(GOOD, {"xl/theme/x.xml": b'<!DOCTYPE l [<!ENTITY a "b">]><l>&a;</l>'}), "declarations"),
        (with_parts(GOOD, {"xl/theme/x.xml": "<a/>".encode("utf-16")}), "UTF-8"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_workbook_is_refused(content: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(WorkbookRefused, match=reason):
        scan(content, tmp_path)


def test_two_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkbookRefused, match="twice"):
        scan(_twice(), tmp_path)


def test_a_doctype_across_a_chunk_border_is_seen(tmp_path: Path) -> None:
    part = b" " * (1024 * 1024 - 4) + b"<!DOCTYPE x><x/>"
    with pytest.raises(WorkbookRefused, match="declarations"):
        scan(with_parts(GOOD, {"xl/theme/x.xml": part}), tmp_path)


def test_too_many_parts_are_refused(tmp_path: Path) -> None:
    many = with_parts(GOOD, {f"xl/media/{n}.xml": b"" for n in range(50)})
    with pytest.raises(WorkbookRefused, match="50 are allowed"):
        scan(many, tmp_path, Limits(zip_entries=50))


def test_a_bomb_is_refused_by_its_ratio(tmp_path: Path) -> None:
    with pytest.raises(WorkbookRefused, match="200 times"):
        scan(with_parts(GOOD, {SHEET1: b"0" * 20_000_000}), tmp_path)


def test_unpacked_size_is_limited_over_all_parts(tmp_path: Path) -> None:
    parts: dict[str, bytes | None] = {f"xl/media/{n}.xml": b"0" * 400_000 for n in range(4)}
    with pytest.raises(WorkbookRefused, match="unpacks to more than 1 MB"):
        scan(with_parts(GOOD, parts), tmp_path, Limits(unpacked_bytes=1024 * 1024))


def test_a_part_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    """The directory says ten bytes, with their checksum, so that nothing looks damaged; a million come out."""
    honest = with_parts(GOOD, {"xl/theme/x.xml": b"0" * 1_000_000})
    lying = bytearray(honest)
    entry = lying.rfind(b"PK\x01\x02")
    assert lying[entry + 46 : entry + 60] == b"xl/theme/x.xml"
    lying[entry + 16 : entry + 20] = struct.pack("<I", zlib.crc32(b"0" * 10))
    lying[entry + 24 : entry + 28] = struct.pack("<I", 10)
    with pytest.raises(WorkbookRefused, match="larger than the file says"):
        scan(bytes(lying), tmp_path)


FAR = '<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        (FAR, "far away"),
        ('<sheetData><row r="99999999999"><c r="A99999999999"><v>1</v></c></row></sheetData>', "outside of Excel"),
        ('<sheetData><row r="1"><c r="XFE1"><v>1</v></c></row></sheetData>', "outside of Excel"),
        ("<sheetData><row r='1048576'><c  s='1' r='XFD1048576' ><v>1</v></c></row></sheetData>", "far away"),
        (f"<sheetData><row r='1040000'>{'<c><v>1</v></c>' * 40}</row></sheetData>", "far away"),
    ],
)
def test_cells_far_out_are_refused_before_a_reader_allocates_for_them(xml: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(WorkbookRefused, match=reason):
        scan(with_sheet(xml), tmp_path)


def test_too_many_cells_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkbookRefused, match="more than 100 cells"):
        scan(book([list(range(101))]), tmp_path, Limits(cells=100))


def test_a_file_above_the_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkbookRefused, match="MB are allowed"):
        scan(GOOD, tmp_path, Limits(file_bytes=100))


@pytest.mark.parametrize("encoding", ["utf-16", "x-none", "utf-7", "cp037", "windows-1251"])
def test_a_part_in_another_encoding_is_refused(encoding: str, tmp_path: Path) -> None:
    """It could hide from the scan what a reader then finds."""
    part = f"<?xml version='1.0' encoding='{encoding}'?><worksheet/>".encode()
    with pytest.raises(WorkbookRefused, match="not written in UTF-8"):
        scan(with_parts(GOOD, {SHEET1: part}), tmp_path)


@pytest.mark.parametrize(
    "head", [b"", b'<?xml version="1.0"?>', b"<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n"]
)
def test_usual_declarations_pass(head: bytes, tmp_path: Path) -> None:
    scan(with_parts(GOOD, {SHEET1: head + b"<worksheet/>"}), tmp_path)


def test_parts_that_overlap_are_refused(tmp_path: Path) -> None:
    """The directory has two entries point to one place, as zip bombs do."""
    content = bytearray(GOOD)
    entries = [at for at in range(len(content)) if content.startswith(b"PK\x01\x02", at)]
    first, second = entries[:2]
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    with pytest.raises(WorkbookRefused, match="overlap"):
        scan(bytes(content), tmp_path)
