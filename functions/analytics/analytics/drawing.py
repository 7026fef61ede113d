"""Charts for paper and pictures. Series differ by colour and by their dashes, and are named."""

from typing import TYPE_CHECKING, Any

from analytics.chart_data import ChartData
from common.paper_fonts import REGULAR, register_fonts

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing

COLOURS = ("#1f5fbf", "#c2410c", "#15803d", "#7e22ce", "#b45309", "#0e7490", "#be185d", "#4d7c0f")
_DASHES: tuple[list[int] | None, ...] = (None, [6, 3], [2, 2], [8, 3, 2, 3], None, [6, 3], [2, 2], [8, 3, 2, 3])
_LABELS, _LABEL_LENGTH, _LEGEND_LENGTH = 12, 18, 30
_SIZE, _LINE = 8, 13
_LEFT, _BOTTOM = 62, 46


def drawn(kind: str, data: ChartData, width: float, height: float) -> "Drawing":
    from reportlab.graphics.shapes import Drawing

    register_fonts()
    drawing = Drawing(width, height)
    legend = kind == "pie" or len(data.series) > 1
    room = 150 if legend else 0
    if kind == "pie":
        _pie(drawing, data, height)
    else:
        _axes(drawing, kind, data, width - room, height)
    if legend:
        names = data.categories if kind == "pie" else list(data.series)
        _legend(drawing, names, width - room + 12, height, lines=kind == "line")
    return drawing


def _axes(drawing: "Drawing", kind: str, data: ChartData, width: float, height: float) -> None:
    from reportlab.graphics.charts.barcharts import VerticalBarChart
    from reportlab.graphics.charts.linecharts import HorizontalLineChart

    chart: Any = HorizontalLineChart() if kind == "line" else VerticalBarChart()
    chart.x, chart.y, chart.width, chart.height = _LEFT, _BOTTOM, width - _LEFT - 10, height - _BOTTOM - 12
    chart.data = [[0 if value is None and kind != "line" else value for value in v] for v in data.series.values()]
    every = -(-len(data.categories) // _LABELS)
    chart.categoryAxis.categoryNames = [
        _short(name, _LABEL_LENGTH) if index % every == 0 else "" for index, name in enumerate(data.categories)
    ]
    labels = chart.categoryAxis.labels
    labels.fontName, labels.fontSize, labels.angle, labels.boxAnchor, labels.dy = REGULAR, _SIZE, 25, "ne", -2
    chart.categoryAxis.visibleTicks = 0
    axis = chart.valueAxis
    axis.labels.fontName, axis.labels.fontSize = REGULAR, _SIZE
    axis.labelTextFormat = _grouped
    axis.visibleGrid, axis.gridStrokeColor, axis.gridStrokeWidth = 1, _colour("#d4d4d8"), 0.5
    axis.forceZero = 1
    if kind == "line":
        for index in range(len(chart.data)):
            chart.lines[index].strokeColor, chart.lines[index].strokeWidth = _colour(COLOURS[index]), 1.6
            chart.lines[index].strokeDashArray = _DASHES[index]
    else:
        chart.categoryAxis.style = "stacked" if kind == "stacked" else "parallel"
        for index in range(len(chart.data)):
            chart.bars[index].fillColor, chart.bars[index].strokeColor = _colour(COLOURS[index]), None
    drawing.add(chart)


def _pie(drawing: "Drawing", data: ChartData, height: float) -> None:
    """Of the first series; what is negative has no slice."""
    from reportlab.graphics.charts.piecharts import Pie

    pie: Any = Pie()
    pie.x, pie.y = 20, 12
    pie.width = pie.height = height - 24
    values = next(iter(data.series.values()), [])
    pie.data = [max(value or 0, 0) for value in values]
    pie.labels = None
    for index in range(len(pie.data)):
        pie.slices[index].fillColor = _colour(COLOURS[index % len(COLOURS)])
        pie.slices[index].strokeColor, pie.slices[index].strokeWidth = _colour("#ffffff"), 1
    drawing.add(pie)


def _legend(drawing: "Drawing", names: list[str], x: float, height: float, *, lines: bool) -> None:
    from reportlab.graphics.shapes import Line, Rect, String

    for index, name in enumerate(names[: int((height - 10) // _LINE)]):
        y, colour = height - 16 - index * _LINE, _colour(COLOURS[index % len(COLOURS)])
        if lines:
            line: Any = Line(x, y + 3, x + 16, y + 3)
            line.strokeColor, line.strokeWidth = colour, 2
            line.strokeDashArray = _DASHES[index % len(_DASHES)]
            drawing.add(line)
        else:
            drawing.add(Rect(x + 4, y, 8, 8, fillColor=colour, strokeColor=colour))
        drawing.add(String(x + 22, y, _short(name, _LEGEND_LENGTH), fontName=REGULAR, fontSize=_SIZE))


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _grouped(value: float) -> str:
    """Thousands apart, no more digits than an axis needs."""
    return f"{value:,.6g}".replace(",", "\u202f") if abs(value) < 1e6 else f"{value:,.0f}".replace(",", "\u202f")  # noqa: PLR2004


def _colour(text: str) -> Any:
    from reportlab.lib.colors import HexColor

    return HexColor(text)
