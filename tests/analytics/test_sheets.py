"""What readers get wrong. Every test reads with calamine, put right where needed, and with openpyxl."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from analytics import prescan
from analytics.limits import Limits
from analytics.sheets import CalamineSheet, OpenpyxlSheet
from analytics.spreadsheet import Workbook
from tests.analytics.books import book, read, saved, with_sheet


@pytest.fixture(autouse=True, params=[200_000, -1], ids=["calamine", "openpyxl"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> type:
    monkeypatch.setattr(prescan, "_MAX_CORRECTIONS", request.param)
    return OpenpyxlSheet if request.param < 0 else CalamineSheet


def test_the_reader_is_the_one_meant(reader: type, tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(book([["a"]]))
    workbook = Workbook(tmp_path / "book.xlsx", Limits())
    assert type(workbook.sheet("Sheet1")) is reader


def test_error_cells_are_listed_and_blank() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in (["Who", "Rate"], ["Ann", 1.5], ["Bo", "#DIV/0!"], ["Cy", 2.5]):
        sheet.append(row)
    reading = read(saved(workbook))
    assert reading.rows == [["Ann", "1.5"], ["Bo", None], ["Cy", "2.5"]]
    assert reading.problems == [("B3", "#DIV/0!")]


def test_formulas_that_nobody_calculated_are_listed() -> None:
    reading = read(book([["Who", "Amount", "Double"], ["Ann", 5, "=B2*2"], ["Bo", 6, "=B3*2"]]))
    assert [cell for cell, _ in reading.problems] == ["C2", "C3"]
    assert "formula" in reading.workbook.problems[0].reason


def test_a_wrong_dimension_loses_no_rows() -> None:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}" t="e"><v>#N/A</v></c></row>' for n in range(2, 50)
    )
    header = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>n</t></is></c><c r="B1" t="inlineStr"><is><t>x</t></is></c></row>'
    )
    reading = read(with_sheet(f'<dimension ref="A1:B2"/><sheetData>{header}{rows}</sheetData>'))
    assert reading.table.rows == 48
    assert reading.workbook.problems_count == 48


def test_the_1904_date_system_is_known() -> None:
    workbook = openpyxl.Workbook()
    workbook.epoch = CALENDAR_MAC_1904
    for row in (["Day", "Rate"], [date(2024, 5, 1), 1], [date(2024, 5, 2), 2]):
        workbook.worksheets[0].append(row)
    assert [row[0] for row in read(saved(workbook)).rows] == ["2024-05-01", "2024-05-02"]


def test_account_numbers_keep_all_their_digits() -> None:
    cells = "".join(f'<row r="{n}"><c r="A{n}"><v>4081781009991000431{n}</v></c></row>' for n in range(2, 5))
    header = '<row r="1"><c r="A1" t="inlineStr"><is><t>Account</t></is></c></row>'
    reading = read(with_sheet(f"<sheetData>{header}{cells}</sheetData>"))
    assert reading.types == {"Account": "text"}
    assert reading.rows == [[f"4081781009991000431{n}"] for n in range(2, 5)]


def test_an_error_in_a_cell_without_a_position_is_seen() -> None:
    header = '<row><c t="inlineStr"><is><t>Who</t></is></c><c t="inlineStr"><is><t>n</t></is></c></row>'
    rows = '<row><c t="inlineStr"><is><t>Ann</t></is></c><c t="e"><v>#REF!</v></c></row>' * 3
    reading = read(with_sheet(f"<sheetData>{header}{rows}</sheetData>"))
    assert reading.table.rows == 3
    assert reading.problems == [("B2", "#REF!"), ("B3", "#REF!"), ("B4", "#REF!")]


def test_a_text_that_a_formula_left_empty_is_no_problem() -> None:
    header = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>n</t></is></c><c r="B1" t="inlineStr"><is><t>x</t></is></c></row>'
    )
    row = '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="str"><f>IF(A2,"","y")</f><v></v></c></row>'
    reading = read(with_sheet(f"<sheetData>{header}{row}</sheetData>"))
    assert reading.problems == []
    assert reading.rows == [["1", None]]


def test_rows_of_nothing_but_uncalculated_formulas_are_rows() -> None:
    reading = read(book([["Who", "n"], ["Ann", 1], ["=A2", "=B2"]]))
    assert reading.table.rows == 2
    assert [cell for cell, _ in reading.problems] == ["A3", "B3"]


def test_the_sheets_first_column_may_be_blank() -> None:
    reading = read(book([[None, None, "Who", "n"], [None, None, "Ann", "#N/A"], [None, None, "Bo", 2]]))
    assert reading.problems == [("D2", "#N/A")]
    assert reading.rows == [["Ann", None], ["Bo", "2"]]


def test_spaces_and_line_breaks_inside_a_text_are_kept() -> None:
    reading = read(book([["Who", "n"], [" Ann\nLee ", 1], ["Bo", 2]]))
    assert reading.rows[0] == [" Ann\nLee ", "1"]
