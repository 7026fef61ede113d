"""What people's workbooks look like, and what becomes of them."""

# ruff: noqa: DTZ001 - a workbook knows no time zones

from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest

from analytics.refusal import WorkbookRefused
from tests.analytics.books import book, read, saved, with_sheet

DAY = datetime(2024, 5, 1)


def test_types_are_inferred_from_the_cells() -> None:
    reading = read(
        book(
            [
                ["n", "price", "name", "paid", "day", "moment", "at"],
                [1, 1.5, "a", True, date(2024, 5, 1), datetime(2024, 5, 1, 12, 30), time(9, 15)],
                [-2, 2, "b", False, date(2024, 5, 2), datetime(2024, 5, 2), time(10, 0)],
            ]
        )
    )
    assert list(reading.types.values()) == ["integer", "decimal", "text", "boolean", "date", "datetime", "time"]
    assert reading.rows == [
        ["1", "1.5", "a", "true", "2024-05-01", "2024-05-01 12:30:00", "09:15:00"],
        ["-2", "2", "b", "false", "2024-05-02", "2024-05-02 00:00:00", "10:00:00"],
    ]


def test_totals_are_left_out_and_listed() -> None:
    reading = read(book([["Day", "Who", "Amount"], [DAY, "Ann", 5], [DAY, "Bo", 7], ["Total", None, 12]]))
    assert (reading.table.rows, reading.table.refused) == (2, 1)
    assert reading.problems == [("A4", "Total")]
    assert reading.types["Day"] == "date"


def test_russian_totals_and_subtotals_are_left_out() -> None:
    rows: list[list[Any]] = [
        ["Город", "Товар", "Сумма"],
        ["Омск", "чай", 1],
        ["Омск", "мёд", 2],
        ["Итого по Омску", None, 3],
        ["Тула", "пряник", 4],
        ["Всего:", None, 7],
    ]
    reading = read(book(rows))
    assert (reading.table.rows, reading.table.refused) == (3, 2)


def test_an_unlabelled_last_row_of_sums_is_a_total() -> None:
    reading = read(
        book([["Who", "City", "A", "B"], *[["x", "y", n, n / 4] for n in range(10)], [None, None, 45, 11.25]])
    )
    assert (reading.table.rows, reading.table.refused) == (10, 1)


def test_a_product_called_total_is_a_row() -> None:
    reading = read(book([["Product", "Amount"], ["Soap", 1], ["Total", 2], ["Brush", 3]]))
    assert (reading.table.rows, reading.table.refused) == (3, 0)


def test_notes_under_the_table_are_left_out_and_listed() -> None:
    rows: list[list[Any]] = [["Day", "Who", "Amount"], [DAY, "Ann", 5], [DAY, "Bo", 7], [], ["Source: the till"]]
    reading = read(book(rows))
    assert (reading.table.rows, reading.table.refused) == (2, 1)
    assert reading.problems == [("A5", "Source: the till")]


def test_a_repeated_header_is_left_out() -> None:
    reading = read(book([["Who", "Amount"], ["Ann", 5], ["Who", "Amount"], ["Bo", 7]]))
    assert (reading.table.rows, reading.table.refused) == (2, 1)
    assert reading.types["Amount"] == "integer"


def test_two_tables_on_one_sheet_are_two() -> None:
    rows: list[list[Any]] = [
        ["Who", "Amount"],
        ["Ann", 5],
        ["Bo", 7],
        [],
        ["Cities"],
        ["City", "People", "Since"],
        ["Oslo", 700, DAY],
    ]
    reading = read(book(rows))
    assert [[column.name for column in table.columns] for table in reading.workbook.tables] == [
        ["Who", "Amount"],
        ["City", "People", "Since"],
    ]
    assert [table.rows for table in reading.workbook.tables] == [2, 1]


def test_two_tables_side_by_side_are_two() -> None:
    rows: list[list[Any]] = [
        ["Who", "n", None, "City", "People"],
        ["Ann", 1, None, "Oslo", 700],
        ["Bo", 2, None, "Riga", 600],
        ["Cy", 3],
        ["Di", 4],
    ]
    reading = read(book(rows))
    assert [[column.name for column in table.columns] for table in reading.workbook.tables] == [
        ["Who", "n"],
        ["City", "People"],
    ]
    assert [len(table) for table in reading.all_rows] == [4, 2]


def test_a_blank_column_within_a_table_parts_nothing() -> None:
    rows: list[list[Any]] = [
        ["Who", "n", None, "Note", "By"],
        ["Ann", 1, None, "ok", "x"],
        ["Bo", 2],
        ["Cy", 3, None, "no", "y"],
        ["Di", 4],
    ]
    assert list(read(book(rows)).types) == ["Who", "n", "Note", "By"]


def test_lines_about_the_report_are_no_table() -> None:
    rows: list[list[Any]] = [["Company:", "ACME"], ["Period:", DAY], [], ["Day", "What", "Sum"], [DAY, "x", 1]]
    reading = read(book(rows))
    assert list(reading.types) == ["Day", "What", "Sum"]
    assert any("ACME" in note for note in reading.table.notes)


def test_the_row_of_column_numbers_is_left_out() -> None:
    reading = read(book([["№", "Name", "Sum"], [1, 2, 3], [1, "a", 10.5], [2, "b", 20.5]]))
    assert (reading.table.rows, reading.table.refused) == (2, 1)


def test_a_stray_word_far_from_the_table_is_listed() -> None:
    reading = read(book([["Who", "n"], ["Ann", 1], ["Bo", 2], [], [None, None, None, None, "checked"]]))
    assert list(reading.types) == ["Who", "n"]
    assert reading.problems == [("E5", "checked")]


def test_sheets_with_the_same_columns_in_another_order_are_one_table() -> None:
    reading = read(book([["Day", "Amount"], [DAY, 5]], [["amount ", "day"], [7.5, DAY]], names=["May", "June"]))
    assert reading.table.name == "May + June"
    assert reading.types == {"Day": "date", "Amount": "decimal", "_sheet": "text"}
    assert reading.rows == [["2024-05-01", "5", "May"], ["2024-05-01", "7.5", "June"]]


def test_a_column_is_text_on_all_sheets_if_it_is_on_one() -> None:
    ids = [[n] for n in range(489434, 489484)]
    reading = read(book([["Invoice"], *ids], [["Invoice"], *ids, ["C489449"], ["C489450"]]))
    assert reading.types["Invoice"] == "text"
    assert reading.rows[0] == ["489434", "Sheet1"]
    assert reading.workbook.problems == []


def test_a_hidden_sheet_does_not_change_the_sums_of_the_others() -> None:
    workbook = openpyxl.Workbook()
    for number, state in enumerate(("visible", "hidden")):
        sheet = workbook.worksheets[0] if number == 0 else workbook.create_sheet()
        sheet.sheet_state = state
        for row in (["Who", "Amount"], ["Ann", 1], ["Bo", 2]):
            sheet.append(row)
    reading = read(saved(workbook))
    assert [(table.hidden, table.rows) for table in reading.workbook.tables] == [(False, 2), (True, 2)]


def test_durations_are_seconds() -> None:
    reading = read(book([["Run"], [timedelta(hours=30)], [timedelta(minutes=1, seconds=1)]]))
    assert reading.types == {"Run": "integer"}
    assert reading.rows == [["108000"], ["61"]]


def test_a_number_that_is_not_finite_is_a_problem() -> None:
    cells = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(2, 30))
    header = '<row r="1"><c r="A1" t="inlineStr"><is><t>n</t></is></c></row>'
    reading = read(with_sheet(f'<sheetData>{header}{cells}<row r="30"><c r="A30"><v>1e400</v></c></row></sheetData>'))
    assert reading.types == {"n": "integer"}
    assert [cell for cell, _ in reading.problems] == ["A30"]


def test_cells_without_positions_are_read() -> None:
    rows = '<row><c t="inlineStr"><is><t>Who</t></is></c><c t="inlineStr"><is><t>n</t></is></c></row>'
    rows += '<row><c t="inlineStr"><is><t>Ann</t></is></c><c><v>5</v></c></row>'
    assert read(with_sheet(f"<sheetData>{rows}</sheetData>")).rows == [["Ann", "5"]]


def test_thousands_of_formatted_empty_rows_are_no_rows() -> None:
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>n</t></is></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
    rows += "".join(f'<row r="{n}"><c r="A{n}" s="0"/><c r="ZZ{n}" s="0"/></row>' for n in range(3, 20_000))
    assert read(with_sheet(f"<sheetData>{rows}</sheetData>")).rows == [["1"]]


def test_every_row_is_read_or_refused() -> None:
    rows: list[list[Any]] = [
        ["Day", "Who", "Amount"],
        *[[DAY, f"p{n}", n] for n in range(100)],
        [DAY, "odd", "many"],
        ["Total", None, 4950],
    ]
    reading = read(book(rows))
    assert reading.table.rows + reading.table.refused == 102
    assert reading.problems == [("C102", "many"), ("A103", "Total")]
    assert reading.rows[100] == ["2024-05-01", "odd", None]


@pytest.mark.parametrize("rows", [[], [[]], [["only a title"]], [["Day", "Amount"]]])
def test_a_workbook_without_a_table_is_refused(rows: list[list[str]]) -> None:
    with pytest.raises(WorkbookRefused, match="No table was found"):
        read(book(rows))


def test_an_empty_sheet_beside_a_table_is_mentioned() -> None:
    reading = read(book([["Who", "n"], ["Ann", 1]], [], names=["Data", "Blank"]))
    assert reading.workbook.notes == ["Blank: no table was found on this sheet"]
