"""A dashboard on paper (PDF), and a widget as a picture (PNG): the same charts, and the figures to the last digit."""

import asyncio
import io
import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID
from xml.sax.saxutils import escape

from sqlalchemy.ext.asyncio import AsyncSession

from analytics import exports, widget_data
from analytics.chart_data import chart_data
from analytics.dashboard_schemas import DashboardFilters, DashboardRead, Widget
from analytics.drawing import drawn
from analytics.widget_data import Figures
from common.paper_fonts import BOLD, REGULAR, register_fonts

PDF, PNG = "application/pdf", "image/png"
_CHARTS = ("line", "bar", "stacked", "pie")
_MARGIN, _WIDTH, _CHART = 42, 511, 190
_ROWS, _CELL = 200, 60
"""Of a table on paper, and characters of a cell; all is in the workbook."""
_PICTURE = (640, 360)
_SCALE = 2
_ONE_AT_A_TIME = threading.Lock()
"""PDFium knows no threads."""


async def as_pdf(session: AsyncSession, user_id: UUID, dashboard: DashboardRead, filters: DashboardFilters) -> bytes:
    """Raises what `widget_data.read` does."""
    read = [(widget, await widget_data.read(session, user_id, widget, filters)) for widget in dashboard.widgets]
    return await asyncio.to_thread(_pdf, dashboard.name, read, filters)


async def as_png(widget: Widget, figures: Sequence[Figures]) -> bytes:
    return await asyncio.to_thread(_png, widget, figures)


def _pdf(name: str, read: Sequence[tuple[Widget, list[Figures]]], filters: DashboardFilters) -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import KeepTogether, SimpleDocTemplate, Spacer

    register_fonts()
    told = "; ".join(" ".join(line) for line in exports.told(filters))
    parts: list[Any] = [_paragraph(name, 18, BOLD), *([_paragraph(told, 9)] if told else []), Spacer(1, 10)]
    for widget, figures in read:
        head: list[Any] = [Spacer(1, 8), _paragraph(widget.title, 12, BOLD), Spacer(1, 4)]
        if widget.kind in _CHARTS and any(each.rows for each in figures):
            head.append(drawn(widget.kind, chart_data(figures), _WIDTH, _CHART))
        parts.append(KeepTogether(head))
        for each in figures:
            parts += [_paragraph(each.title, 9)] if len(figures) > 1 else []
            parts.append(_table(each))
    into = io.BytesIO()
    document = SimpleDocTemplate(
        into,
        pagesize=A4,
        title=name,
        author="Artel",
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
    )
    document.build(parts, onFirstPage=_foot, onLaterPages=_foot)
    return into.getvalue()


def _paragraph(text: str, size: float, font: str = REGULAR) -> Any:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    return Paragraph(escape(text), ParagraphStyle("p", fontName=font, fontSize=size, leading=size * 1.3))


def _table(figures: Figures) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import LongTable

    names, *rows = exports.rows_of(figures)
    lines = [[_cell(exports.plain(value)) for value in row] for row in [names, *rows[:_ROWS]]]
    if len(rows) > _ROWS or figures.truncated:
        lines.append(["…", *[""] * (len(names) - 1)])
    numbers: list[Any] = [
        ("ALIGN", (index, 0), (index, -1), "RIGHT")
        for index, (_, kind) in enumerate(figures.columns[: len(names)])
        if kind in ("integer", "decimal", "float")
    ]
    rule = HexColor("#d4d4d8")
    style: list[Any] = [
        ("FONT", (0, 0), (-1, -1), REGULAR, 8),
        ("FONT", (0, 0), (-1, 0), BOLD, 8),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, rule),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
    return LongTable(lines, repeatRows=1, hAlign="LEFT", style=[*style, *numbers])


def _cell(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _CELL else f"{text[: _CELL - 1]}…"


def _foot(canvas: Any, document: Any) -> None:
    canvas.setFont(REGULAR, 8)
    canvas.drawRightString(_MARGIN + _WIDTH, 24, f"Artel · {document.page}")


def _png(widget: Widget, figures: Sequence[Figures]) -> bytes:
    import pypdfium2

    content = _page(widget, figures)
    into = io.BytesIO()
    with _ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(content)
        try:
            document[0].render(scale=_SCALE).to_pil().save(into, "PNG", optimize=True)
        finally:
            document.close()
    return into.getvalue()


def _page(widget: Widget, figures: Sequence[Figures]) -> bytes:
    """The widget alone on a page of the picture's size: its chart, or else as many lines of its table as fit."""
    from reportlab.graphics import renderPDF
    from reportlab.pdfgen.canvas import Canvas

    register_fonts()
    width, height = _PICTURE
    into = io.BytesIO()
    canvas = Canvas(into, pagesize=_PICTURE)
    canvas.setFont(BOLD, 15)
    canvas.drawString(20, height - 30, widget.title[:80])
    if widget.kind in _CHARTS and any(each.rows for each in figures):
        renderPDF.draw(drawn(widget.kind, chart_data(figures), width - 40, height - 60), canvas, 20, 10)
    else:
        lines = [row for each in figures for row in exports.rows_of(each)]
        number = widget.kind == "number"
        canvas.setFont(REGULAR, 28 if number else 10)
        step = 40 if number else 15
        for index, row in enumerate(lines[1 if number else 0 :][: (height - 60) // step]):
            for column, value in enumerate(row[:6]):
                canvas.drawString(
                    20 + column * (width - 40) / min(len(row), 6),
                    height - 70 - index * step,
                    _cell(exports.plain(value))[:24],
                )
    canvas.showPage()
    canvas.save()
    return into.getvalue()
