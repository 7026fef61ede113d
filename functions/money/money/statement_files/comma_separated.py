"""CSV by RFC 4180, in UTF-8 with the mark by which spreadsheets know it.

Amounts are plain decimal numbers, whatever the language. Words that a spreadsheet would take for a formula are made harmless.
"""

from collections.abc import AsyncIterator

from common.spreadsheets import BYTE_ORDER_MARK, csv_text, harmless
from money.statement import Line, Statement
from money.statement_files.amounts import Language, plain
from money.statement_files.words import WORDS, Words


def _line(line: Line, statement: Statement, words: Words) -> list[str]:
    return [
        f"{line.booked_at:%Y-%m-%d %H:%M:%S}",
        words.kinds[line.kind],
        harmless(line.description),
        harmless(line.other_side),
        plain(line.amount, statement.exponent),
        plain(line.balance_after, statement.exponent),
        statement.currency,
        str(line.transaction_id),
    ]


def _sum(statement: Statement, word: str, amount: int | None, balance: int | None, day: str = "") -> list[str]:
    figures = ["" if each is None else plain(each, statement.exponent) for each in (amount, balance)]
    return [day, word, "", "", *figures, statement.currency, ""]


async def write(statement: Statement, stretches: AsyncIterator[list[Line]], language: Language) -> AsyncIterator[str]:
    """Piece by piece, as the lines come: a statement of any length takes no more memory than one stretch of it."""
    words = WORDS[language]
    heads = [
        words.date,
        words.kind,
        words.description,
        words.counterparty,
        words.amount,
        words.balance,
        words.currency,
        words.transaction,
    ]
    yield BYTE_ORDER_MARK + csv_text(
        [heads, _sum(statement, words.opening, None, statement.opening, str(statement.since))]
    )
    async for lines in stretches:
        yield csv_text(_line(line, statement, words) for line in lines)
    yield csv_text(
        [
            _sum(statement, words.incoming, statement.incoming, None),
            _sum(statement, words.outgoing, -statement.outgoing, None),
            _sum(statement, words.closing, None, statement.closing, str(statement.until)),
        ]
    )
