"""Which type a column of cells is, weighed from its evidence."""

import re
from dataclasses import dataclass
from typing import Literal

from analytics.date_texts import STYLES
from analytics.evidence import Evidence
from analytics.numerals import MAX_DIGITS, NumeralEvidence

type TypeName = Literal["integer", "decimal", "float", "text", "boolean", "date", "datetime", "time"]
"""`decimal` is exact; `float` is for numbers that no decimal of 38 digits can hold."""
type Role = Literal["measure", "dimension", "identifier", "time"]

_TOLERATED = 0.05
_ONE_MISFIT_FROM = 4
MAX_DECIMAL = 38
"""Digits of the columnar file's decimals."""
_IDENTIFIER = re.compile(
    r"\b(id|ids|code|sku|ean|upc|barcode|invoice|account|phone|tel|zip|postcode|postal|index"
    r"|артикул|код|инн|кпп|огрн|бик|счет|счёт|телефон|индекс|штрихкод)\b|\b(no|nr|num|number|номер)\.?$|№|#",
    re.IGNORECASE,
)
_CALENDAR = re.compile(r"(\w+ )?(year|month|week|day|quarter|год|месяц|неделя|день|квартал)", re.IGNORECASE)
"""The whole title: "Fiscal year" counts years, but "Sales of the year" is an amount."""


@dataclass(frozen=True, slots=True)
class ColumnType:
    """`scale` is a decimal's digits after the point; the styles say how texts among the cells are read."""

    name: TypeName
    role: Role
    scale: int = 0
    numeral_style: str | None = None
    date_styles: tuple[str, ...] = ()
    serials: str | None = None
    """Numbers are days since Excel's "1900" or "1904": only where a person has told that they are dates."""
    note: str | None = None
    """What was assumed, for the person who uploaded the file."""


def decide(evidence: Evidence, title: str) -> ColumnType:
    """The type that at least 95 % of the cells are of, placeholders such as "n/a" aside; else text, which loses nothing."""
    kinds = evidence.kinds
    total = kinds.total()
    if total and total == kinds["boolean"]:
        return ColumnType("boolean", "dimension")
    decided = None
    if total:
        decided = _as_date(evidence, total) or _as_time(evidence, total) or _as_number(evidence, total, title)
    return decided or ColumnType("text", "identifier" if is_identifier(title) else "dimension", note=_doubt(evidence))


def _doubt(evidence: Evidence) -> str | None:
    if len(_date_styles(evidence)) > 1:
        return "dates of which no cell tells whether the day or the month comes first are kept as text"
    others = [kind for kind, count in evidence.kinds.items() if count and kind != "text"]
    if evidence.long_numbers:
        return f"whole numbers of more than {MAX_DIGITS} digits are kept as text"
    return (
        f"cells of different kinds ({', '.join(sorted(others))}, text) are kept as text"
        if others and evidence.kinds["text"]
        else None
    )


def _fits(good: int, total: int, placeholders: int) -> bool:
    """A few misfits are problems of theirs; one is, among at least four. Placeholders may make up half of the column."""
    odd = total - good - placeholders
    return good * 2 >= total and good > 0 and (odd <= _TOLERATED * total or (odd == 1 and total >= _ONE_MISFIT_FROM))


def _as_date(evidence: Evidence, total: int) -> ColumnType | None:
    kinds = evidence.kinds
    styles = _date_styles(evidence)
    style = styles[0] if len(styles) == 1 else None
    real = kinds["date"] + kinds["datetime"]
    if not _fits(real + (evidence.date_texts[style] if style else 0), total, evidence.placeholders):
        return None
    timed = kinds["datetime"] or (style is not None and STYLES[style].timed)
    note = f"dates written as text ({STYLES[style].shown}) were read as dates" if style else None
    return ColumnType("datetime" if timed else "date", "time", date_styles=(style,) if style else (), note=note)


def _date_styles(evidence: Evidence) -> list[str]:
    """Those in which every text of the column is a date."""
    texts = evidence.kinds["text"] - evidence.placeholders
    return [name for name, count in evidence.date_texts.items() if texts and count == texts]


def _as_time(evidence: Evidence, total: int) -> ColumnType | None:
    if _fits(evidence.kinds["time"], total, evidence.placeholders):
        return ColumnType("time", "dimension")
    if _fits(evidence.kinds["duration"], total, evidence.placeholders):
        kind: TypeName = "decimal" if evidence.scale else "integer"
        return ColumnType(kind, "measure", evidence.scale, note="durations are given in seconds")
    return None


def _as_number(evidence: Evidence, total: int, title: str) -> ColumnType | None:
    numbers, numerals = evidence.kinds["number"], evidence.numerals
    style = numerals.style
    good = numbers + (numerals.count if style else 0)
    if evidence.long_numbers and not evidence.fractions:
        return None
    if not _fits(good, total, evidence.placeholders) or _looks_coded(evidence, total - good, title):
        return None
    if not numbers and numerals.bare == numerals.count and is_identifier(title):
        return None
    scale = max(evidence.scale, numerals.scale[style] if style else 0)
    note = _numeral_note(numerals, style) if style else None
    whole = max(evidence.whole_digits, numerals.digits)
    if whole + scale > MAX_DECIMAL:
        return ColumnType("float", "measure", numeral_style=style, note=note)
    name: TypeName = "decimal" if scale else "integer"
    return ColumnType(name, number_role(name, title), scale, style, note=note)


def _numeral_note(numerals: NumeralEvidence, style: str) -> str:
    mark = next(iter(numerals.marks - {""}), "")
    decimal_mark = f", decimal {style}" if numerals.scale[style] else ""
    return f"numbers written as text{f' with {mark}' if mark else ''}{decimal_mark} were read as numbers"


def _looks_coded(evidence: Evidence, odd: int, title: str) -> bool:
    """489434 beside C489449: whole numbers of one length with odd texts of that length among them are identifiers."""
    if odd - evidence.placeholders <= 0 or evidence.fractions:
        return False
    if is_identifier(title) or evidence.numerals.leading_zeros or evidence.numerals.digits > MAX_DIGITS:
        return True
    same_length = evidence.whole_digits - evidence.shortest <= 1
    return same_length and any(evidence.shortest <= n <= evidence.whole_digits for n in evidence.code_lengths)


def _words(title: str) -> str:
    """StockCode and customer_id as words."""
    return re.sub(r"(?<=[^\W\d_A-ZА-ЯЁ])(?=[A-ZА-ЯЁ])|_", " ", title)


def is_identifier(title: str) -> bool:
    return _IDENTIFIER.search(_words(title)) is not None


def number_role(name: TypeName, title: str) -> Role:
    if name == "integer" and is_identifier(title):
        return "identifier"
    return "dimension" if name == "integer" and _CALENDAR.fullmatch(_words(title).strip()) else "measure"
