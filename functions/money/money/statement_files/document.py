"""PDF: for people, and for whoever wants it on paper."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from money.statement import Line, Statement
from money.statement_files.amounts import Language, grouped
from money.statement_files.paper import (
    BOLD,
    HEIGHT,
    MARGIN,
    REGULAR,
    WIDTH,
    Block,
    pages,
    register_fonts,
    width_of,
    wrapped,
)
from money.statement_files.words import WORDS, Words

if TYPE_CHECKING:
    from reportlab.lib.colors import Color
    from reportlab.pdfgen.canvas import Canvas

CONTENT_TYPE = "application/pdf"
_INK, _GREY, _PALE, _GREEN, _RULE = "#1b2a3d", "#66727f", "#f3f5f8", "#1d7a46", "#d9dee5"
_SIZE, _SMALL, _LEADING = 8.5, 7.0, 11.0
_LEFT, _RIGHT = MARGIN, WIDTH - MARGIN
_WHAT, _BALANCE = _LEFT + 84, _RIGHT
"""Where the description begins, and where the balances end."""
_TOP_FIRST, _TOP_OTHERS, _BOTTOM = 274.0, 92.0, HEIGHT - 62
_TOTALS = 76.0


@cache
def _color(ink: str) -> "Color":
    from reportlab.lib.colors import HexColor

    return HexColor(ink)


@dataclass(frozen=True, slots=True)
class _Row:
    line: Line
    words: list[str]
    counterparty: str


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What is drawn on, in what language, of what."""

    canvas: "Canvas"
    statement: Statement
    language: Language
    words: Words
    amounts: float
    """Where the column of amounts ends: figures may be long."""

    def text(self, x: float, y: float, text: str, *, font: str = REGULAR, size: float = _SIZE, ink: str = _INK) -> None:
        self.canvas.setFont(font, size)
        self.canvas.setFillColor(_color(ink))
        self.canvas.drawString(x, HEIGHT - y, text)

    def right(
        self, x: float, y: float, text: str, *, font: str = REGULAR, size: float = _SIZE, ink: str = _INK
    ) -> None:
        self.text(x - width_of(text, font, size), y, text, font=font, size=size, ink=ink)

    def rule(self, y: float, ink: str = _RULE, thickness: float = 0.6) -> None:
        self.canvas.setStrokeColor(_color(ink))
        self.canvas.setLineWidth(thickness)
        self.canvas.line(_LEFT, HEIGHT - y, _RIGHT, HEIGHT - y)

    def money(self, amount: int) -> str:
        return grouped(amount, self.statement.exponent, self.language)

    def day(self, day: date) -> str:
        return day.strftime(self.words.day_format)


def _row(line: Line, width: float) -> Block[_Row]:
    words = wrapped(line.description, REGULAR, _SIZE, width)
    counterparty = str(line.counterparty) if line.counterparty else ""
    lines = 1 + len(words) + bool(counterparty)
    return Block(_Row(line, words, counterparty), lines * _LEADING + 9)


def _draw_row(sheet: _Sheet, row: _Row, y: float) -> None:
    line = row.line
    sheet.text(_LEFT, y, sheet.day(line.booked_at))
    sheet.text(_LEFT, y + _LEADING, f"{line.booked_at:%H:%M:%S}", size=_SMALL, ink=_GREY)
    sheet.text(_WHAT, y, sheet.words.kinds[line.kind], font=BOLD)
    for n, words in enumerate(row.words, 1):
        sheet.text(_WHAT, y + n * _LEADING, words)
    if row.counterparty:
        sheet.text(_WHAT, y + (1 + len(row.words)) * _LEADING, row.counterparty, size=_SMALL, ink=_GREY)
    sign = "+" if line.amount > 0 else ""
    sheet.right(sheet.amounts, y, sign + sheet.money(line.amount), font=BOLD, ink=_GREEN if line.amount > 0 else _INK)
    sheet.right(_BALANCE, y, sheet.money(line.balance_after))


def _draw_heads(sheet: _Sheet, y: float) -> None:
    words = sheet.words
    sheet.canvas.setFillColor(_color(_INK))
    sheet.canvas.rect(_LEFT - 6, HEIGHT - y - 7, _RIGHT - _LEFT + 12, 20, stroke=0, fill=1)
    for x, word, draw in (
        (_LEFT, words.date, sheet.text),
        (_WHAT, words.description, sheet.text),
        (sheet.amounts, words.amount, sheet.right),
        (_BALANCE, words.balance, sheet.right),
    ):
        draw(x, y, word, font=BOLD, size=8, ink="#ffffff")


def _draw_figures(sheet: _Sheet, y: float) -> None:
    """The four that matter, side by side."""
    statement, words = sheet.statement, sheet.words
    sheet.canvas.setFillColor(_color(_PALE))
    sheet.canvas.roundRect(_LEFT - 6, HEIGHT - y - 34, _RIGHT - _LEFT + 12, 52, 5, stroke=0, fill=1)
    each = (_RIGHT - _LEFT) / 4
    for n, (word, amount) in enumerate(
        (
            (words.opening, statement.opening),
            (words.incoming, statement.incoming),
            (words.outgoing, -statement.outgoing),
            (words.closing, statement.closing),
        )
    ):
        sheet.text(_LEFT + 4 + n * each, y, word, size=7.5, ink=_GREY)
        text = sheet.money(amount)
        size = min(12.0, 12.0 * (each - 16) / max(width_of(text, BOLD, 12), 1))
        sheet.text(_LEFT + 4 + n * each, y + 19, text, font=BOLD, size=size)


def _draw_top(sheet: _Sheet) -> None:
    statement, words = sheet.statement, sheet.words
    sheet.text(_LEFT, 62, words.title, font=BOLD, size=19)
    sheet.right(_RIGHT, 62, "Artel", font=BOLD, size=12, ink=_GREY)
    sheet.rule(76, _INK, 1.2)
    name = statement.name or words.unnamed.format(currency=statement.currency)
    facts = (
        (words.account, name),
        (words.number, str(statement.account_id)),
        (words.currency, statement.currency),
        (words.period, f"{sheet.day(statement.since)} – {sheet.day(statement.until)}"),
        (words.made_at, f"{sheet.day(statement.made_at)} {statement.made_at:%H:%M}"),
    )
    for n, (word, fact) in enumerate(facts):
        sheet.text(_LEFT, 98 + n * 15, word, ink=_GREY)
        (first, *more) = wrapped(fact, BOLD, 9, _RIGHT - _LEFT - 134)
        sheet.text(_LEFT + 120, 98 + n * 15, f"{first} …" if more else first, font=BOLD if n == 0 else REGULAR, size=9)
    _draw_figures(sheet, 196)


def _draw_totals(sheet: _Sheet, y: float) -> None:
    statement, words = sheet.statement, sheet.words
    sheet.rule(y, _INK, 1.2)
    for n, (word, amount, balance) in enumerate(
        (
            (words.incoming, f"+{sheet.money(statement.incoming)}" if statement.incoming else sheet.money(0), ""),
            (words.outgoing, sheet.money(-statement.outgoing), ""),
            (words.closing, "", f"{sheet.money(statement.closing)} {statement.currency}"),
        )
    ):
        sheet.text(_WHAT, y + 17 + n * 16, word, font=BOLD)
        sheet.right(sheet.amounts, y + 17 + n * 16, amount, font=BOLD)
        sheet.right(_BALANCE, y + 17 + n * 16, balance, font=BOLD)


def _draw_foot(sheet: _Sheet, page: int, of: int) -> None:
    sheet.rule(HEIGHT - 44)
    sheet.text(_LEFT, HEIGHT - 31, f"{sheet.words.number} {sheet.statement.account_id}", size=_SMALL, ink=_GREY)
    sheet.right(_RIGHT, HEIGHT - 31, f"{page} / {of}", size=_SMALL, ink=_GREY)


def _draw_page(sheet: _Sheet, rows: list[Block[_Row]], page: int, of: int) -> None:
    if page == 1:
        _draw_top(sheet)
    else:
        sheet.text(_LEFT, 52, sheet.words.title, font=BOLD, size=10)
        period = f"{sheet.day(sheet.statement.since)} – {sheet.day(sheet.statement.until)}"
        sheet.right(_RIGHT, 52, period, ink=_GREY)
    y = _TOP_FIRST if page == 1 else _TOP_OTHERS
    _draw_heads(sheet, y - 16)
    y += 8
    if page == of == 1 and not rows:
        sheet.text(_WHAT, y, sheet.words.nothing, ink=_GREY)
        y += 20
    for n, block in enumerate(rows):
        if n:
            sheet.rule(y - 12)
        _draw_row(sheet, block.content, y)
        y += block.height
    if page == of:
        _draw_totals(sheet, y - 8)
    _draw_foot(sheet, page, of)
    sheet.canvas.showPage()


def _widest(statement: Statement, lines: list[Line], language: Language) -> tuple[float, float]:
    """Of the two columns of figures."""

    def widest(amounts: Iterable[int], more: str) -> float:
        texts = {grouped(amount, statement.exponent, language) + more for amount in amounts}
        return max(width_of(text, BOLD, _SIZE) for text in texts)

    sums = [statement.incoming, -statement.outgoing]
    balances = [statement.opening, *(line.balance_after for line in lines)]
    return (
        max(64, widest([*sums, *(line.amount for line in lines)], "+")),
        max(64, widest(balances, ""), widest([statement.closing], f" {statement.currency}")),
    )


def write(statement: Statement, lines: list[Line], language: Language) -> bytes:
    """Blocks for as long as it takes: a second for some two thousand lines."""
    from reportlab import rl_config
    from reportlab.pdfgen.canvas import Canvas

    rl_config.useA85 = 0  # seven-bit text, which nobody needs and Python takes long to make
    register_fonts()
    words = WORDS[language]
    into = io.BytesIO()
    canvas = Canvas(into, pagesize=(WIDTH, HEIGHT), pageCompression=1, lang=language)
    canvas.setTitle(f"{words.title} {statement.since} – {statement.until}")
    canvas.setAuthor("Artel")
    canvas.setCreator("Artel")
    amount, balance = _widest(statement, lines, language)
    sheet = _Sheet(canvas, statement, language, words, _BALANCE - balance - 16)
    width = sheet.amounts - amount - 16 - _WHAT
    room = _BOTTOM - 8
    divided = pages([_row(line, width) for line in lines], room - _TOP_FIRST, room - _TOP_OTHERS, _TOTALS)
    for n, rows in enumerate(divided, 1):
        _draw_page(sheet, rows, n, len(divided))
    canvas.save()
    return into.getvalue()
