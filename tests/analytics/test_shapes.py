"""Workbooks of the shapes that people have, against tables written down by hand."""

from decimal import Decimal

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
