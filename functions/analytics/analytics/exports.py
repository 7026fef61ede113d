"""What a dashboard shows, as files: CSV of a widget, and a workbook of all with charts of Excel's own.

The figures are those of the API to the last digit. What is in force of filters stands beside them.
"""

import asyncio
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from analytics import widget_data
from analytics.dashboard_schemas import DashboardFilters, DashboardRead, Widget
from analytics.widget_data import Figures
from common.spreadsheets import BYTE_ORDER_MARK, csv_text, harmless

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_EXACT_DIGITS = 15
"""Of a number in a spreadsheet. One with more is written as text, which keeps them."""
_UNSAFE_IN_SHEET_NAME = re.compile(r"[\\/*?:\[\]\x00-\x1f]")
_ILLEGAL_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SHEET_NAME = 31
_HEAD = 4
"""The row of a sheet that names the columns."""


def file(content: bytes, media: str, name: str) -> Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return Response(content, media_type=media, headers=headers)


def rows_of(figures: Figures) -> Iterator[list[Any]]:
    """Money in whole units: minor units and their exponent are for programs."""
    names = [name for name, _ in figures.columns]
    if names[-2:] != ["exponent", "amount"]:
        yield names
        yield from (list(row) for row in figures.rows)
        return
    yield [*names[:-2], "amount"]
    yield from ([*row[:-2], Decimal(row[-1]).scaleb(-row[-2])] for row in figures.rows)


def told(filters: DashboardFilters) -> list[list[str]]:
    days = [[name, day.isoformat()] for name, day in (("from", filters.first), ("to", filters.last)) if day]
    return days + [[each.column, each.op, str(each.value)] for each in filters.columns]


def as_csv(widget: Widget, figures: Sequence[Figures], filters: DashboardFilters) -> bytes:
    """Series one after the other, divided by an empty line; the filters last."""
    lines: list[list[str]] = []
    for each in figures:
        lines += [[harmless(each.title)]] if len(figures) > 1 else []
        lines += [[plain(value) for value in row] for row in rows_of(each)]
        lines += [["…"]] if each.truncated else []
        lines.append([])
    in_force = [[harmless(word) for word in line] for line in told(filters)]
    lines = [*lines, [harmless(widget.title)], *in_force] if in_force else lines[:-1]
    return (BYTE_ORDER_MARK + csv_text(lines)).encode()


def plain(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case date() | time():
            return value.isoformat()
    return str(value) if isinstance(value, (int, float)) else harmless(str(value))


async def as_workbook(
    session: AsyncSession, user_id: UUID, dashboard: DashboardRead, filters: DashboardFilters
) -> bytes:
    """Raises what `widget_data.read` does."""
    read = [(widget, await widget_data.read(session, user_id, widget, filters)) for widget in dashboard.widgets]
    return await asyncio.to_thread(_workbook, read, filters)


def _workbook(read: Sequence[tuple[Widget, list[Figures]]], filters: DashboardFilters) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for widget, figures in read:
        for each in figures:
            name = _sheet_name(each.title if len(figures) > 1 else widget.title, book.sheetnames)
            _fill(book.create_sheet(name), widget, each, filters)
    if not book.sheetnames:
        book.create_sheet("Artel")
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()


def _sheet_name(title: str, taken: Sequence[str]) -> str:
    base = _UNSAFE_IN_SHEET_NAME.sub(" ", title).strip(" '") or "Sheet"
    names = {name.casefold() for name in taken}
    for number in range(1, len(names) + 2):
        end = "" if number == 1 else f" {number}"
        name = base[: _SHEET_NAME - len(end)] + end
        if name.casefold() not in names:
            return name
    raise AssertionError("one of so many names is free")


def _fill(sheet: "Worksheet", widget: Widget, figures: Figures, filters: DashboardFilters) -> None:
    from openpyxl.styles import Font

    _write(sheet, 1, [figures.title])
    _write(sheet, 2, [word for line in told(filters) for word in line])
    rows = list(rows_of(figures))
    for number, row in enumerate(rows, start=_HEAD):
        _write(sheet, number, row)
    if figures.truncated:
        _write(sheet, _HEAD + len(rows), ["…"])
    sheet["A1"].font = Font(bold=True, size=14)
    for cell in sheet[_HEAD]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = f"A{_HEAD + 1}"
    if len(rows) > 1:
        _draw(sheet, widget, len(rows) - 1, len(rows[0]))


def _write(sheet: "Worksheet", row: int, values: Sequence[Any]) -> None:
    for column, value in enumerate(values, start=1):
        cell = sheet.cell(row, column)
        if isinstance(value, Decimal):
            exact = len(value.normalize().as_tuple().digits) <= _EXACT_DIGITS
            cell.value = value if exact else format(value, "f")
            exponent = value.as_tuple().exponent
            places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
            cell.number_format = f"0.{'0' * places}" if places else "0"
        elif isinstance(value, str):
            cell.value = _ILLEGAL_IN_XML.sub("", value)
            cell.data_type = "s"  # else what begins with = would be a formula
        elif isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**_EXACT_DIGITS:
            cell.value = str(value)
        else:
            cell.value = value


def _draw(sheet: "Worksheet", widget: Widget, rows: int, columns: int) -> None:
    """The first column is what the others are drawn over."""
    from openpyxl.chart import BarChart, LineChart, PieChart, Reference

    if columns == 1 or widget.kind not in ("line", "bar", "stacked", "pie"):
        return
    chart: Any = {"line": LineChart, "pie": PieChart}.get(widget.kind, BarChart)()
    if widget.kind == "stacked":
        chart.grouping, chart.overlap = "stacked", 100
    last = _HEAD + rows
    chart.title = widget.title
    first = columns if widget.kind == "pie" else 2
    chart.add_data(Reference(sheet, first, _HEAD, columns, last), titles_from_data=True)
    chart.set_categories(Reference(sheet, 1, _HEAD + 1, 1, last))
    sheet.add_chart(chart, f"{chr(ord('A') + min(columns + 1, 20))}{_HEAD}")
