"""Workbooks for tests, made with openpyxl or by hand, and their reading."""

import csv
import io
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl

from analytics.limits import Limits
from analytics.workbook import ReadTable, ReadWorkbook, read_workbook


def book(*sheets: Sequence[Sequence[Any]], names: Sequence[str] = ()) -> bytes:
    """One list of rows a sheet."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for number, rows in enumerate(sheets):
        sheet = workbook.create_sheet(names[number] if names else f"Sheet{number + 1}")
        for row in rows:
            sheet.append(list(row))
    return saved(workbook)


def saved(workbook: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def with_parts(content: bytes, parts: Mapping[str, bytes | None]) -> bytes:
    """The workbook with parts replaced, added or (None) removed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            if part is not None:
                new.writestr(name, part)
    return buffer.getvalue()


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET1 = "xl/worksheets/sheet1.xml"


def with_sheet(xml: str) -> bytes:
    """A workbook of one sheet whose XML is this, as other programs than openpyxl may write it."""
    sheet = f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}">{xml}</worksheet>'
    return with_parts(book([["a"]]), {SHEET1: sheet.encode()})


@dataclass(frozen=True)
class Reading:
    """`rows` are those of the first table, as text."""

    workbook: ReadWorkbook
    all_rows: list[list[list[str | None]]]

    @property
    def table(self) -> ReadTable:
        (table,) = self.workbook.tables
        return table

    @property
    def rows(self) -> list[list[str | None]]:
        assert len(self.all_rows) == 1
        return self.all_rows[0]

    @property
    def types(self) -> dict[str, str]:
        return {column.name: column.type.name for column in self.table.columns}

    @property
    def problems(self) -> list[tuple[str, str]]:
        return [(problem.cell, problem.value) for problem in self.workbook.problems]


def read(content: bytes, limits: Limits | None = None) -> Reading:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "book.xlsx"
        path.write_bytes(content)
        workbook = read_workbook(path, Path(directory), limits or Limits(), lambda _share, _rows: None)
        return Reading(workbook, [_rows(Path(directory) / table.csv) for table in workbook.tables])


def _rows(path: Path) -> list[list[str | None]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [list(row[1:]) for row in csv.reader(file, quoting=csv.QUOTE_NOTNULL)]
