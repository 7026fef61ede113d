"""Where a table begins, and what its columns are called."""

# ruff: noqa: DTZ001 - a workbook knows no time zones

from datetime import datetime
from typing import Any

import openpyxl

from tests.analytics.books import book, read, saved

DAY = datetime(2024, 5, 1)


def test_rows_above_the_header_are_a_title() -> None:
    reading = read(book([["Sales of the club"], ["2024"], [], ["Day", "Amount"], [DAY, 5], [DAY, 7.25]]))
    assert reading.types == {"Day": "date", "Amount": "decimal"}
    assert reading.table.rows == 2
    assert any("Sales of the club" in note for note in reading.table.notes)


def test_a_title_right_above_the_header_is_a_title_too() -> None:
    reading = read(book([["Sales", None, None], ["Day", "Who", "Amount"], [DAY, "Ann", 5], [DAY, "Bo", 7]]))
    assert list(reading.types) == ["Day", "Who", "Amount"]
    assert reading.table.rows == 2


def test_blank_rows_and_columns_are_skipped() -> None:
    rows: list[list[Any]] = [
        [],
        [None, None, "Who", None, "Amount"],
        [],
        [None, None, "Ann", None, 1],
        [],
        [None, None, "Bo", None, 2],
    ]
    reading = read(book(rows))
    assert reading.types == {"Who": "text", "Amount": "integer"}
    assert reading.rows == [["Ann", "1"], ["Bo", "2"]]


def test_a_table_without_column_names_gets_letters() -> None:
    reading = read(book([[1, "a", 2.5], [2, "b", 3.5], [3, "c", 4.5]]))
    assert list(reading.types) == ["Column A", "Column B", "Column C"]
    assert reading.table.rows == 3
    assert any("no row with column names" in note for note in reading.table.notes)


def test_names_are_trimmed_and_told_apart() -> None:
    reading = read(book([["  Amount ", "amount", "Who\nelse", None], [1, 2, "a", 3], [1, 2, "a", 4]]))
    assert list(reading.types) == ["Amount", "amount 2", "Who else", "Column D"]


def test_two_header_rows_are_joined() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in (
        ["City", 2023, None, 2024, None],
        [None, "Q1", "Q2", "Q1", "Q2"],
        ["Oslo", 1, 2, 3, 4],
        ["Riga", 5, 6, 7, 8],
    ):
        sheet.append(row)
    sheet.merge_cells("B1:C1")
    sheet.merge_cells("D1:E1")
    reading = read(saved(workbook))
    assert list(reading.types) == ["City", "2023 Q1", "2023 Q2", "2024 Q1", "2024 Q2"]
    assert reading.rows == [["Oslo", "1", "2", "3", "4"], ["Riga", "5", "6", "7", "8"]]


def test_years_name_columns() -> None:
    reading = read(book([["City", 2023, 2024], ["Oslo", 1, 2], ["Riga", 3, 4]]))
    assert list(reading.types) == ["City", "2023", "2024"]


def test_days_of_the_month_name_columns() -> None:
    reading = read(book([["Who", 1, 2, 3, 4], ["Ann", 8, 8, 6, 8], ["Bo", 8, 7.5, 0, 8]]))
    assert list(reading.types) == ["Who", "1", "2", "3", "4"]
    assert reading.table.rows == 2
