"""An xlsx file is a zip of XML parts. Its directory is checked before anything unpacks a part, and never believed."""

import zipfile
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import IO

from analytics.limits import Limits
from analytics.refusal import WorkbookRefused

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CHUNK = 1024 * 1024
_MB = 1024 * 1024
_LOCAL_HEADER = 30
_UTF_8_NAME = 0x800
_DAMAGED = "The file is damaged or was cut off while uploading."


def open_archive(path: Path, limits: Limits) -> zipfile.ZipFile:
    """The archive, its directory checked. Raises WorkbookRefused."""
    _check_file(path, limits)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError):
        raise WorkbookRefused(_DAMAGED) from None
    entries = archive.infolist()
    if len(entries) > limits.zip_entries:
        raise WorkbookRefused(f"The file has {len(entries)} parts; {limits.zip_entries} are allowed.")
    _check_kind({entry.filename for entry in entries})
    _check_names(entries)
    for entry in entries:
        _check_entry(entry, limits)
    _check_places(entries)
    if sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
        raise _too_large(limits)
    return archive


def _check_file(path: Path, limits: Limits) -> None:
    size = path.stat().st_size
    if size == 0:
        raise WorkbookRefused("The file is empty.")
    if size > limits.file_bytes:
        raise WorkbookRefused(f"The file has {size / _MB:.1f} MB; {limits.file_bytes // _MB} MB are allowed.")
    with path.open("rb") as file:
        start = file.read(64 * 1024)
    if start.startswith(_OLE):
        if _ENCRYPTED in start or _ENCRYPTED in path.read_bytes():
            raise WorkbookRefused("The workbook is protected with a password. Save it without one and upload it again.")
        raise WorkbookRefused("This is an Excel 97-2003 file (.xls). Save it as .xlsx and upload it again.")
    if not start.startswith(b"PK"):
        raise WorkbookRefused("This is not an Excel workbook (.xlsx).")


def _check_kind(names: set[str]) -> None:
    lowered = {name.lower() for name in names}
    if "xl/workbook.bin" in lowered:
        raise WorkbookRefused("This is a binary workbook (.xlsb). Save it as .xlsx and upload it again.")
    if "[content_types].xml" not in lowered or not any(name.startswith("xl/") for name in lowered):
        raise WorkbookRefused("This is a zip file, but not an Excel workbook (.xlsx).")
    if any(name.endswith("vbaproject.bin") for name in lowered):
        raise WorkbookRefused("The workbook contains macros. Save it as .xlsx and upload it again.")


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    """Two parts of one name: the check would see one and a reader the other."""
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename.replace("\\", "/").lower()
        if name.startswith("/") or ".." in name.split("/") or ":" in name or "\0" in entry.orig_filename:
            raise WorkbookRefused("The file contains a part with an unusual name.")
        if name in seen:
            raise WorkbookRefused("The file contains the same part twice.")
        seen.add(name)


def _check_entry(entry: zipfile.ZipInfo, limits: Limits) -> None:
    if entry.flag_bits & 0x1:
        raise WorkbookRefused("The file is encrypted. Save it without a password and upload it again.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise WorkbookRefused("The file is compressed in a way Excel does not use.")
    if entry.file_size > limits.ratio_from_bytes and entry.file_size > limits.ratio * max(entry.compress_size, 1):
        raise WorkbookRefused(f"A part of the file unpacks to more than {limits.ratio} times its size.")


def _check_places(entries: list[zipfile.ZipInfo]) -> None:
    """Parts that share their bytes are how a small file unpacks to a large one at no part's expense."""
    placed = sorted(entries, key=lambda entry: entry.header_offset)
    if placed[0].header_offset < 0:
        raise WorkbookRefused(_DAMAGED)
    for entry, following in pairwise(placed):
        if entry.header_offset + _LOCAL_HEADER + entry.compress_size > following.header_offset:
            raise WorkbookRefused("The file contains parts that overlap.")


def _too_large(limits: Limits) -> WorkbookRefused:
    return WorkbookRefused(f"The file unpacks to more than {limits.unpacked_bytes // _MB} MB.")


def inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits) -> Iterator[bytes]:
    """The part in chunks, by its real length: `ZipFile.open` stops at the length the directory claims, readers do not."""
    assert archive.fp is not None
    length, checksum = 0, 0
    for chunk in _inflated(archive.fp, entry):
        length += len(chunk)
        checksum = zlib.crc32(chunk, checksum)
        if length > entry.file_size or length > limits.unpacked_bytes:
            raise WorkbookRefused("A part of the file is larger than the file says.")
        yield chunk
    if length != entry.file_size or checksum != entry.CRC:
        raise WorkbookRefused(_DAMAGED)


def _inflated(file: IO[bytes], entry: zipfile.ZipInfo) -> Iterator[bytes]:
    file.seek(entry.header_offset)
    header = file.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or not header.startswith(b"PK\x03\x04"):
        raise WorkbookRefused(_DAMAGED)
    name, extra = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
    if file.read(name) != entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF_8_NAME else "cp437"):
        raise WorkbookRefused(_DAMAGED)
    position = entry.header_offset + _LOCAL_HEADER + name + extra
    left, unpack = entry.compress_size, zlib.decompressobj(-zlib.MAX_WBITS)
    while left:
        file.seek(position)
        raw = file.read(min(left, _CHUNK // 8))
        if not raw:
            return
        position, left = position + len(raw), left - len(raw)
        if entry.compress_type == zipfile.ZIP_STORED:
            yield raw
            continue
        try:
            while raw and (chunk := unpack.decompress(raw, _CHUNK)):
                yield chunk
                raw = unpack.unconsumed_tail
        except zlib.error:
            raise WorkbookRefused(_DAMAGED) from None
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        yield unpack.flush()
