"""What the cells of a column say about its type, added cell by cell and sheet by sheet."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from analytics.cells import Value
from analytics.date_texts import styles_of
from analytics.numerals import MAX_DIGITS, NumeralEvidence, parse_numeral, scale_of

LONGEST = 60
"""Characters of a text that may still be a number, a date or a code."""
_DIGIT = re.compile(r"\d")
PLACEHOLDERS = frozenset(
    [
        "-",
        "--",
        "…",
        "...",
        "–",
        "—",
        "?",
        ".",
        "n/a",
        "na",
        "#n/a",
        "n.a.",
        "nan",
        "null",
        "none",
        "nil",
        "empty",
        "unknown",
        "tbd",
        "missing",
        "нет",
        "н/д",
        "нд",
        "б/н",
        "пусто",
        "неизвестно",
    ]
) | {"нет данных", "no data", "not available"}
_CODE = re.compile(r"[^\W\d_]{0,4}[-_/]?(\d{3,})[-_/]?[^\W\d_]{0,4}")


@dataclass(slots=True)
class Evidence:
    """Counts of what stood in a column. Blank cells say nothing; error cells are problems whatever the type."""

    kinds: Counter[str] = field(default_factory=Counter)
    scale: int = 0
    whole_digits: int = 0
    shortest: int = 99
    """Digits of the shortest whole number: numbers of equal length look like identifiers."""
    fractions: int = 0
    sum: float = 0.0
    """To know an unlabelled total again."""
    long_numbers: int = 0
    numerals: NumeralEvidence = field(default_factory=NumeralEvidence)
    date_texts: Counter[str] = field(default_factory=Counter)
    placeholders: int = 0
    code_lengths: set[int] = field(default_factory=set)

    def add(self, values: Sequence[Value]) -> None:
        """A stretch of the column, sorted by kind first: most columns are of one kind, which is then quick to weigh."""
        by_kind = _by_kind(values)
        self.kinds["boolean"] += len(by_kind[bool])
        self.kinds["time"] += len(by_kind[time])
        self.kinds["date"] += len(by_kind[date])
        for moment in by_kind[datetime]:
            self.kinds["datetime" if moment.time() != time() else "date"] += 1
        for duration in by_kind[timedelta]:
            self.kinds["duration"] += 1
            self._measure(seconds_of(duration))
        self._add_numbers([value for value in [*by_kind[float], *by_kind[int]] if math.isfinite(value)])
        for text, count in Counter(by_kind[str]).items():
            self._add_text(text.strip(), count)

    def _add_numbers(self, numbers: list[int | float]) -> None:
        if not numbers:
            return
        self.kinds["number"] += len(numbers)
        self.sum += sum(map(float, numbers))
        fractions = [value for value in numbers if not value.is_integer()]
        whole = [value for value in numbers if value.is_integer()] if fractions else numbers
        if whole:
            self.shortest = min(self.shortest, _digits(min(map(abs, whole))))
            largest = max(map(abs, whole))
            self.whole_digits = max(self.whole_digits, _digits(largest))
            if largest >= 10**MAX_DIGITS:
                self.long_numbers += sum(abs(value) >= 10**MAX_DIGITS for value in whole)
        if fractions:
            self._add_fractions(fractions)

    def _add_fractions(self, fractions: list[int | float]) -> None:
        self.fractions += len(fractions)
        self.whole_digits = max(self.whole_digits, _digits(max(map(abs, fractions))))
        for text in set(map(repr, fractions)):
            if "e" in text:
                self._measure(Decimal(text))
            else:
                self.scale = max(self.scale, len(text) - text.index(".") - 1)

    def _measure(self, value: Decimal) -> None:
        self.scale = max(self.scale, scale_of(value))
        self.whole_digits = max(self.whole_digits, value.adjusted() + 1)

    def _add_text(self, text: str, count: int) -> None:
        self.kinds["text"] += count
        if len(text) > LONGEST:
            return
        if text.casefold() in PLACEHOLDERS:
            self.placeholders += count
        elif _DIGIT.search(text) is None:
            return
        elif numeral := parse_numeral(text):
            self.numerals.add(numeral, count)
        elif code := _CODE.fullmatch(text):
            self.code_lengths.add(len(code[1]))
        for style in styles_of(text):
            self.date_texts[style] += count

    def merge(self, other: "Evidence") -> None:
        """Of the same column on another sheet."""
        self.kinds += other.kinds
        self.scale = max(self.scale, other.scale)
        self.whole_digits = max(self.whole_digits, other.whole_digits)
        self.shortest = min(self.shortest, other.shortest)
        self.sum += other.sum
        self.fractions += other.fractions
        self.long_numbers += other.long_numbers
        self.numerals.merge(other.numerals)
        self.date_texts += other.date_texts
        self.placeholders += other.placeholders
        self.code_lengths |= other.code_lengths


def _by_kind(values: Sequence[Value]) -> defaultdict[type, Sequence[Any]]:
    found: defaultdict[type, Sequence[Any]] = defaultdict(list)
    for kind in set(map(type, values)):
        found[kind] = [value for value in values if type(value) is kind]
    return found


def _digits(value: float) -> int:
    """Before the decimal point; 309 are the most a float has."""
    return len(str(int(value)))


def seconds_of(value: timedelta) -> Decimal:
    return Decimal(value.days * 86_400 + value.seconds) + Decimal(value.microseconds).scaleb(-6).normalize()
