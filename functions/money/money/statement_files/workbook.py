"""XLSX: one sheet that can be sorted and filtered, and one that says what it is of."""

import io
import re
from datetime import date, datetime
from functools import partial
from typing import Any

from money.statement import Line, Statement
from money.statement_files.amounts import Language, plain
from money.statement_files.words import WORDS, Words

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTHS = (20, 24, 48, 38, 18, 18, 10, 38)
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_INK = "1F3A5F"
type _Sheet = Any
type _Cell = Any
"""openpyxl's of its write-only mode, some of whose attributes its stubs do not know."""


def _cell(sheet: _Sheet, value: Any, data_type: str, style: dict[str, Any]) -> _Cell:
    from openpyxl.cell import WriteOnlyCell

    cell: _Cell = WriteOnlyCell(sheet)
    for name, setting in style.items():
        setattr(cell, name, setting)
    # Set from within: openpyxl takes "=1" for a formula, and writes a Decimal by way of a float.
    cell._value, cell.data_type = value, data_type  # noqa: SLF001
    return cell


def _text(sheet: _Sheet, value: str, **style: Any) -> _Cell:
    """It stays text whatever it begins with, and also when somebody edits the cell."""
    return _cell(sheet, _NOT_IN_XML.sub("", value), "s", style | {"quotePrefix": value[:1] in tuple("=+-@")})


def _amount(sheet: _Sheet, value: int, exponent: int, **style: Any) -> _Cell:
    form = f"#,##0.{'0' * exponent}" if exponent else "#,##0"
    return _cell(sheet, plain(value, exponent), "n", style | {"number_format": form})


def _time(sheet: _Sheet, value: date) -> _Cell:
    """Spreadsheets know no time zones: it is UTC, as the heading says."""
    if isinstance(value, datetime):
        return _cell(sheet, value.replace(tzinfo=None, microsecond=0), "d", {"number_format": "yyyy-mm-dd hh:mm:ss"})
    return _cell(sheet, value, "d", {"number_format": "yyyy-mm-dd"})


def _head(sheet: _Sheet, words: Words) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    style = {
        "font": Font(bold=True, color="FFFFFF"),
        "fill": PatternFill("solid", fgColor=_INK),
        "alignment": Alignment(vertical="center"),
    }
    columns = (words.date, words.kind, words.description, words.counterparty, words.amount, words.balance)
    sheet.append([_text(sheet, word, **style) for word in (*columns, words.currency, words.transaction)])


def _line(sheet: _Sheet, line: Line, statement: Statement, words: Words) -> None:
    sheet.append(
        [
            _time(sheet, line.booked_at),
            _text(sheet, words.kinds[line.kind]),
            _text(sheet, line.description) if line.description else None,
            _text(sheet, line.other_side) if line.other_side else None,
            _amount(sheet, line.amount, statement.exponent),
            _amount(sheet, line.balance_after, statement.exponent),
            _text(sheet, statement.currency),
            _text(sheet, str(line.transaction_id)),
        ]
    )


def _sum(sheet: _Sheet, statement: Statement, word: str, amount: int | None, balance: int | None) -> None:
    from openpyxl.styles import Border, Font, Side

    style = {"font": Font(bold=True), "border": Border(top=Side("thin", color=_INK))}
    blank = partial(_cell, sheet, None, "n", style)
    figures = [
        blank() if each is None else _amount(sheet, each, statement.exponent, **style) for each in (amount, balance)
    ]
    name, currency = _text(sheet, word, **style), _text(sheet, statement.currency, **style)
    sheet.append([blank(), name, blank(), blank(), *figures, currency, blank()])


def _details(sheet: _Sheet, statement: Statement, words: Words) -> None:
    from openpyxl.styles import Font

    bold = Font(bold=True)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 44
    sheet.append([_text(sheet, words.title, font=Font(bold=True, size=14, color=_INK))])
    for word, cells in (
        (words.account, [_text(sheet, statement.name)]),
        (words.number, [_text(sheet, str(statement.account_id))]),
        (words.currency, [_text(sheet, statement.currency)]),
        (words.period, [_time(sheet, statement.since), _time(sheet, statement.until)]),
        (words.made_at, [_time(sheet, statement.made_at)]),
    ):
        sheet.append([_text(sheet, word, font=bold), *cells])


def write(statement: Statement, lines: list[Line], language: Language) -> bytes:
    """Blocks for as long as it takes: a second for some three thousand lines."""
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    words = WORDS[language]
    book = Workbook(write_only=True)
    book.properties.title, book.properties.creator = words.title, "Artel"
    sheet = book.create_sheet(words.title)
    sheet.freeze_panes = "A2"
    for column, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.print_title_rows = "1:1"
    _head(sheet, words)
    _sum(sheet, statement, words.opening, None, statement.opening)
    for line in lines:
        _line(sheet, line, statement, words)
    _sum(sheet, statement, words.incoming, statement.incoming, None)
    _sum(sheet, statement, words.outgoing, -statement.outgoing, None)
    _sum(sheet, statement, words.closing, statement.incoming - statement.outgoing, statement.closing)
    _details(book.create_sheet(words.details), statement, words)
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()
