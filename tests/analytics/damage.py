"""Ways to damage a workbook: bytes flipped, parts of the XML removed, swapped, nested, and values that nobody expects."""

import io
import random
import re
import zipfile
from collections.abc import Callable, Sequence

type Parts = dict[str, bytes]

_NUMBERS = [
    b"-1", b"0", b"1048576", b"1048577", b"16385", b"99999999999", b"1e400", b"-1e-400", b"NaN", b"INF", b"",
    b"0.1234567890123456789", b"2958466", b"-0", b"18446744073709551616", b"\xd9\xa1\xd9\xa2", b"1_000", b" 7 ",
]  # fmt: skip
_REFERENCES = [b"A0", b"XFD1048576", b"XFE1", b"A1048577", b"A99999999999", b"$A$1", b"a1", b"1A", b"", b"AAAAAAAA1"]
_TYPES = [b"s", b"e", b"b", b"d", b"str", b"n", b"inlineStr", b"z", b""]
_TEXTS = [
    b"#DIV/0!", b"_x0000_", b"_xD83D_", b"&#xFFFF;", b"&lol;", b"&amp;amp;", b"\x00", b"\xff\xfe", b"=cmd|' /C calc'!A0",
    b"<![CDATA[x]]>", b"</v></c></row>", b"<c/>", "\u202e\u0000".encode(), b"x" * 40_000, b"2024-13-45", b"../../etc/passwd",
]  # fmt: skip
_HEADS = [
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l "l"><!ENTITY m "&l;&l;&l;&l;">]>',
    b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd">',
    b'<?xml version="1.0" encoding="UTF-16"?>',
    b'<?xml version="1.0" encoding="x-none"?>',
    b"\xef\xbb\xbf",
    b"\n\n",
]
_FORMATS = [
    b"yyyy\\-mm\\-dd",
    b"[h]:mm:ss",
    b"0.00%",
    b'"d"0',
    b"[Red]0;[Blue]-0",
    b";;;",
    b"\\",
    b"[$-F800]dddd",
    b"E+0",
]
_ELEMENT = re.compile(rb"<(row|c|v|is|t|si|sheet|mergeCell|xf|numFmt|Relationship|Override|f|dimension)\b[^<>]*>")


def damaged(source: random.Random, seeds: Sequence[bytes]) -> bytes:
    """One of the workbooks, damaged in one to four ways."""
    parts = _parts(source.choice(seeds))
    for _ in range(source.choice([1, 1, 2, 3, 4])):
        source.choice(_WAYS)(source, parts)
    content = _zipped(source, parts)
    return source.choice(_FILE_WAYS)(source, content) if source.random() < 0.25 else content


def _parts(workbook: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _zipped(source: random.Random, parts: Parts) -> bytes:
    buffer = io.BytesIO()
    method = zipfile.ZIP_STORED if source.random() < 0.1 else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _some_part(source: random.Random, parts: Parts) -> str:
    """More often a sheet, its texts or its formats than the rest."""
    names = list(parts)
    weights = [5 if re.search(r"sheet\d|shared|styles|workbook\.", name) else 1 for name in names]
    return source.choices(names, weights)[0] if names else "xl/workbook.xml"


def _flip(source: random.Random, parts: Parts) -> None:
    name = _some_part(source, parts)
    content = bytearray(parts.get(name, b""))
    for _ in range(source.randint(1, 8) if content else 0):
        content[source.randrange(len(content))] = source.randrange(256)
    parts[name] = bytes(content)


def _truncate(source: random.Random, parts: Parts) -> None:
    name = _some_part(source, parts)
    content = parts.get(name, b"")
    parts[name] = content[: source.randint(0, len(content))]


def _remove(source: random.Random, parts: Parts) -> None:
    parts.pop(_some_part(source, parts), None)


def _swap(source: random.Random, parts: Parts) -> None:
    one, other = _some_part(source, parts), _some_part(source, parts)
    parts[one], parts[other] = parts.get(other, b""), parts.get(one, b"")


def _rename(source: random.Random, parts: Parts) -> None:
    name = _some_part(source, parts)
    names = [name.upper(), f"/{name}", f"../{name}", name.replace("/", "\\"), f"{name}.bak", f"xl/{'d/' * 500}x", ""]
    parts[source.choice(names)] = parts.pop(name, b"")


def _elements(source: random.Random, content: bytes) -> list[re.Match[bytes]]:
    found = list(_ELEMENT.finditer(content))
    source.shuffle(found)
    return found


def _cut_element(source: random.Random, parts: Parts) -> None:
    name = _some_part(source, parts)
    content = parts.get(name, b"")
    for match in _elements(source, content)[:1]:
        parts[name] = content[: match.start()] + content[match.end() :]


def _repeat(source: random.Random, parts: Parts) -> None:
    """A stretch from one element to another once more, or a thousand times."""
    name = _some_part(source, parts)
    content = parts.get(name, b"")
    ends = sorted(match.start() for match in _elements(source, content)[:2])
    if len(ends) == 2:
        stretch = content[ends[0] : ends[1]]
        parts[name] = content[: ends[1]] + stretch * source.choice([1, 2, 1000]) + content[ends[1] :]


def _nest(source: random.Random, parts: Parts) -> None:
    """An element within itself, up to fifty thousand deep."""
    name = _some_part(source, parts)
    content = parts.get(name, b"")
    for match in _elements(source, content)[:1]:
        opening = match[0].replace(b"/>", b">")
        deep = source.choice([1, 10, 1_000, 50_000])
        closing = b"</" + match[1] + b">" if source.random() < 0.5 else b""
        parts[name] = content[: match.start()] + opening * deep + closing * deep + content[match.start() :]


def _attribute(source: random.Random, parts: Parts) -> None:
    name = _some_part(source, parts)
    pattern, values = source.choice(
        [
            (rb'(?<= r=")[A-Z]+\d+(?=")', _REFERENCES),
            (rb'(?<= r=")\d+(?=")', _NUMBERS),
            (rb'(?<= t=")\w+(?=")', _TYPES),
            (rb'(?<= s=")\d+(?=")', _NUMBERS),
            (rb'(?<= ref=")[^"]*(?=")', [*_REFERENCES, b"A1:XFD1048576", b"B2:A1", b"A1:A1048576"]),
            (rb'(?<=formatCode=")[^"]*(?=")', _FORMATS),
            (rb'(?<=Id=")[^"]*(?=")', _NUMBERS),
            (rb'(?<=Target=")[^"]*(?=")', [b"../../../etc/passwd", b"/xl/workbook.xml", b"http://127.0.0.1/x", b""]),
            (rb'(?<=name=")[^"]*(?=")', [b"", b"x" * 5000, b"a/b", b"&#0;", b"\xd0\x9b", b"_sheet", b"Data"]),
            (rb'(?<=ount=")\d+(?=")', _NUMBERS),
            (rb'(?<=FmtId=")\d+(?=")', _NUMBERS),
        ]
    )
    _replace(source, parts, name, re.compile(pattern), values)


def _value(source: random.Random, parts: Parts) -> None:
    name = _some_part(source, parts)
    pattern = source.choice([rb"(?<=<v>)[^<]*(?=</v>)", rb"(?<=<t>)[^<]*(?=</t>)"])
    _replace(source, parts, name, re.compile(pattern), [*_NUMBERS, *_TEXTS])


def _replace(
    source: random.Random, parts: Parts, name: str, pattern: re.Pattern[bytes], values: Sequence[bytes]
) -> None:
    content = parts.get(name, b"")
    found = list(pattern.finditer(content))
    chosen = source.sample(found, min(len(found), source.choice([1, 1, 3, 50])))
    for match in sorted(chosen, key=lambda each: each.start(), reverse=True):
        content = content[: match.start()] + source.choice(values) + content[match.end() :]
    parts[name] = content


def _head(source: random.Random, parts: Parts) -> None:
    name = _some_part(source, parts)
    body = re.sub(rb"^\s*<\?xml[^>]*\?>", b"", parts.get(name, b""))
    parts[name] = source.choice(_HEADS) + body


def _encode(source: random.Random, parts: Parts) -> None:
    name = _some_part(source, parts)
    encoding = source.choice(["utf-16", "utf-16-be", "utf-32", "latin-1"])
    parts[name] = parts.get(name, b"").decode(errors="replace").encode(encoding, errors="replace")


def _date1904(_: random.Random, parts: Parts) -> None:
    name = "xl/workbook.xml"
    parts[name] = re.sub(rb"<workbookPr\b", b'<workbookPr date1904="1"', parts.get(name, b""))


_WAYS: list[Callable[[random.Random, Parts], None]] = [
    _flip, _flip, _truncate, _remove, _swap, _rename, _cut_element, _cut_element, _repeat, _nest, _attribute, _attribute,
    _attribute, _value, _value, _value, _head, _encode, _date1904,
]  # fmt: skip


def _flip_file(source: random.Random, content: bytes) -> bytes:
    damaged_file = bytearray(content)
    for _ in range(source.randint(1, 20)):
        damaged_file[source.randrange(len(damaged_file))] = source.randrange(256)
    return bytes(damaged_file)


def _cut_file(source: random.Random, content: bytes) -> bytes:
    return content[: source.randrange(len(content))]


def _wrap_file(source: random.Random, content: bytes) -> bytes:
    return source.choice([b"PK" + content, content + b"\0" * 1000, content + content, b"#!/bin/sh\n" + content])


def _claim_sizes(source: random.Random, content: bytes) -> bytes:
    """Entries of the directory that say other sizes, methods and places than there are."""
    damaged_file = bytearray(content)
    entries = [match.start() for match in re.finditer(rb"PK\x01\x02", content)]
    if entries:
        at = source.choice(entries) + source.choice([8, 10, 16, 20, 24, 28, 42])
        size = min(4, len(damaged_file) - at)
        damaged_file[at : at + size] = source.choice([0, 1, 0xFFFFFFFF, 0x7FFFFFFF, 99]).to_bytes(4, "little")[:size]
    return bytes(damaged_file)


_FILE_WAYS = [_flip_file, _cut_file, _wrap_file, _claim_sizes]
