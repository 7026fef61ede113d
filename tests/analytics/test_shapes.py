"""Workbooks of the shapes that people have, against tables written down by hand."""

import io
import re
from decimal import Decimal

import openpyxl
import pytest

from tests.analytics.books import Reading, read
from tests.analytics.shapes import Expected, Shape, lists, records, statements

SHAPES = [*statements.SHAPES, *lists.SHAPES, *records.SHAPES]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_workbook_is_read_as_a_person_would(shape: Shape) -> None:
    reading = read(shape.workbook())
    told = [_told(reading, index, expected) for index, expected in enumerate(shape.tables)]
    assert told == shape.tables
    assert len(reading.workbook.tables) == len(shape.tables)
    assert sorted(reading.problems) == sorted(shape.problems)
    assert reading.workbook.problems_count == len(shape.problems)


def _told(reading: Reading, index: int, expected: Expected) -> Expected:
    """What was read of the table, in as far as the expectation speaks of it."""
    table, rows = reading.workbook.tables[index], reading.all_rows[index]
    names = [column.name for column in table.columns]
    cells = {name: [row[position] for row in rows] for position, name in enumerate(names)}
    return Expected(
        table.sheets,
        {column.name: column.type.name for column in table.columns},
        table.rows,
        table.refused,
        {name: format(sum(Decimal(cell) for cell in cells[name] if cell is not None), "f") for name in expected.sums},
        rows[0] if expected.first is not None else None,
        rows[-1] if expected.last is not None else None,
    )


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_no_row_is_dropped_without_a_word(shape: Shape) -> None:
    """Every row that openpyxl finds is data, listed as left out, or told as a title or as names."""
    content = shape.workbook()
    sheets = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets
    present = sum(any(cell is not None for cell in row) for sheet in sheets for row in sheet.values)
    tables = read(content).workbook.tables
    accounted = sum(table.rows + table.refused for table in tables)
    for table in tables:
        accounted += sum(_rows_told(note) for note in table.notes)
    assert accounted == present


def test_rows_that_may_be_headings_are_said_to_be_kept() -> None:
    (prices,) = [shape for shape in SHAPES if shape.name == "price list"]
    (table,) = read(prices.workbook()).workbook.tables
    told = "Прайс: 2 of the rows hold one cell only (row 6: 'Чай', row 9: 'Кофе'); headings, perhaps, but kept"
    assert told in table.notes


def _rows_told(note: str) -> int:
    """Of a note about a title or about names."""
    if names := re.search(r"taken from rows? (\d+)(?:-(\d+))?$", note):
        return int(names[2] or names[1]) - int(names[1]) + 1
    if title := re.search(r"rows? ([\d, -]+) above the table", note):
        return sum(int(last or first) - int(first) + 1 for first, last in re.findall(r"(\d+)(?:-(\d+))?", title[1]))
    return 0
