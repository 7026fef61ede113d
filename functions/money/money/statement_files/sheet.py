"""What a printed statement is drawn on: its colours and sizes, and how text and figures are put there."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from common.paper_fonts import REGULAR
from money.statement import Statement
from money.statement_files.amounts import Language, grouped
from money.statement_files.paper import HEIGHT, MARGIN, WIDTH, width_of
from money.statement_files.words import Words

if TYPE_CHECKING:
    from reportlab.lib.colors import Color
    from reportlab.pdfgen.canvas import Canvas

INK, GREY, PALE, GREEN, RULE = "#1b2a3d", "#66727f", "#f3f5f8", "#1d7a46", "#d9dee5"
SIZE, SMALL, LEADING = 8.5, 7.0, 11.0
LEFT, RIGHT = MARGIN, WIDTH - MARGIN


@cache
def color(ink: str) -> "Color":
    from reportlab.lib.colors import HexColor

    return HexColor(ink)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is drawn on, in what language, of what."""

    canvas: "Canvas"
    statement: Statement
    language: Language
    words: Words
    amounts: float
    """Where the column of amounts ends: figures may be long."""

    def text(self, x: float, y: float, text: str, *, font: str = REGULAR, size: float = SIZE, ink: str = INK) -> None:
        self.canvas.setFont(font, size)
        self.canvas.setFillColor(color(ink))
        self.canvas.drawString(x, HEIGHT - y, text)

    def right(self, x: float, y: float, text: str, *, font: str = REGULAR, size: float = SIZE, ink: str = INK) -> None:
        self.text(x - width_of(text, font, size), y, text, font=font, size=size, ink=ink)

    def rule(self, y: float, ink: str = RULE, thickness: float = 0.6) -> None:
        self.canvas.setStrokeColor(color(ink))
        self.canvas.setLineWidth(thickness)
        self.canvas.line(LEFT, HEIGHT - y, RIGHT, HEIGHT - y)

    def money(self, amount: int) -> str:
        return grouped(amount, self.statement.exponent, self.language)

    def day(self, day: date) -> str:
        return day.strftime(self.words.day_format)
