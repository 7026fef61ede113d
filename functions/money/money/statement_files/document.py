"""PDF: for people, and for whoever wants it on paper."""

import io
from collections.abc import Iterable
from dataclasses import dataclass

from common.paper_fonts import BOLD, REGULAR, register_fonts
from money.statement import Line, Statement
from money.statement_files.amounts import Language, grouped
from money.statement_files.paper import HEIGHT, WIDTH, Block, pages, width_of, wrapped
from money.statement_files.sheet import GREEN, GREY, INK, LEADING, LEFT, PALE, RIGHT, SIZE, SMALL, Sheet, color
from money.statement_files.words import WORDS

CONTENT_TYPE = "application/pdf"
_WHAT, _BALANCE = LEFT + 84, RIGHT
"""Where the description begins, and where the balances end."""
_TOP_FIRST, _TOP_OTHERS, _BOTTOM = 274.0, 92.0, HEIGHT - 62
_TOTALS = 76.0


@dataclass(frozen=True, slots=True)
class _Row:
    line: Line
    words: list[str]
    other_side: list[str]


def _row(line: Line, width: float) -> Block[_Row]:
    words = wrapped(line.description, REGULAR, SIZE, width)
    other_side = wrapped(line.other_side, REGULAR, SMALL, width)
    return Block(_Row(line, words, other_side), (1 + len(words) + len(other_side)) * LEADING + 9)


def _draw_row(sheet: Sheet, row: _Row, y: float) -> None:
    line = row.line
    sheet.text(LEFT, y, sheet.day(line.booked_at))
    sheet.text(LEFT, y + LEADING, f"{line.booked_at:%H:%M:%S}", size=SMALL, ink=GREY)
    sheet.text(_WHAT, y, sheet.words.kinds[line.kind], font=BOLD)
    for n, words in enumerate(row.words, 1):
        sheet.text(_WHAT, y + n * LEADING, words)
    for n, words in enumerate(row.other_side, 1 + len(row.words)):
        sheet.text(_WHAT, y + n * LEADING, words, size=SMALL, ink=GREY)
    sign = "+" if line.amount > 0 else ""
    sheet.right(sheet.amounts, y, sign + sheet.money(line.amount), font=BOLD, ink=GREEN if line.amount > 0 else INK)
    sheet.right(_BALANCE, y, sheet.money(line.balance_after))


def _draw_heads(sheet: Sheet, y: float) -> None:
    words = sheet.words
    sheet.canvas.setFillColor(color(INK))
    sheet.canvas.rect(LEFT - 6, HEIGHT - y - 7, RIGHT - LEFT + 12, 20, stroke=0, fill=1)
    for x, word, draw in (
        (LEFT, words.date, sheet.text),
        (_WHAT, words.description, sheet.text),
        (sheet.amounts, words.amount, sheet.right),
        (_BALANCE, words.balance, sheet.right),
    ):
        draw(x, y, word, font=BOLD, size=8, ink="#ffffff")


def _draw_figures(sheet: Sheet, y: float) -> None:
    """The four that matter, side by side."""
    statement, words = sheet.statement, sheet.words
    sheet.canvas.setFillColor(color(PALE))
    sheet.canvas.roundRect(LEFT - 6, HEIGHT - y - 34, RIGHT - LEFT + 12, 52, 5, stroke=0, fill=1)
    each = (RIGHT - LEFT) / 4
    for n, (word, amount) in enumerate(
        (
            (words.opening, statement.opening),
            (words.incoming, statement.incoming),
            (words.outgoing, -statement.outgoing),
            (words.closing, statement.closing),
        )
    ):
        sheet.text(LEFT + 4 + n * each, y, word, size=7.5, ink=GREY)
        text = sheet.money(amount)
        size = min(12.0, 12.0 * (each - 16) / max(width_of(text, BOLD, 12), 1))
        sheet.text(LEFT + 4 + n * each, y + 19, text, font=BOLD, size=size)


def _draw_top(sheet: Sheet) -> None:
    statement, words = sheet.statement, sheet.words
    sheet.text(LEFT, 62, words.title, font=BOLD, size=19)
    sheet.right(RIGHT, 62, "Artel", font=BOLD, size=12, ink=GREY)
    sheet.rule(76, INK, 1.2)
    name = statement.name or words.unnamed.format(currency=statement.currency)
    facts = (
        (words.account, name),
        (words.number, str(statement.account_id)),
        (words.currency, statement.currency),
        (words.period, f"{sheet.day(statement.since)} – {sheet.day(statement.until)}"),
        (words.made_at, f"{sheet.day(statement.made_at)} {statement.made_at:%H:%M}"),
    )
    for n, (word, fact) in enumerate(facts):
        sheet.text(LEFT, 98 + n * 15, word, ink=GREY)
        (first, *more) = wrapped(fact, BOLD, 9, RIGHT - LEFT - 134)
        sheet.text(LEFT + 120, 98 + n * 15, f"{first} …" if more else first, font=BOLD if n == 0 else REGULAR, size=9)
    _draw_figures(sheet, 196)


def _draw_totals(sheet: Sheet, y: float) -> None:
    statement, words = sheet.statement, sheet.words
    sheet.rule(y, INK, 1.2)
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


def _draw_foot(sheet: Sheet, page: int, of: int) -> None:
    sheet.rule(HEIGHT - 44)
    sheet.text(LEFT, HEIGHT - 31, f"{sheet.words.number} {sheet.statement.account_id}", size=SMALL, ink=GREY)
    sheet.right(RIGHT, HEIGHT - 31, f"{page} / {of}", size=SMALL, ink=GREY)


def _draw_page(sheet: Sheet, rows: list[Block[_Row]], page: int, of: int) -> None:
    if page == 1:
        _draw_top(sheet)
    else:
        sheet.text(LEFT, 52, sheet.words.title, font=BOLD, size=10)
        period = f"{sheet.day(sheet.statement.since)} – {sheet.day(sheet.statement.until)}"
        sheet.right(RIGHT, 52, period, ink=GREY)
    y = _TOP_FIRST if page == 1 else _TOP_OTHERS
    _draw_heads(sheet, y - 16)
    y += 8
    if page == of == 1 and not rows:
        sheet.text(_WHAT, y, sheet.words.nothing, ink=GREY)
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
        return max(width_of(text, BOLD, SIZE) for text in texts)

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
    sheet = Sheet(canvas, statement, language, words, _BALANCE - balance - 16)
    width = sheet.amounts - amount - 16 - _WHAT
    room = _BOTTOM - 8
    divided = pages([_row(line, width) for line in lines], room - _TOP_FIRST, room - _TOP_OTHERS, _TOTALS)
    for n, rows in enumerate(divided, 1):
        _draw_page(sheet, rows, n, len(divided))
    canvas.save()
    return into.getvalue()
