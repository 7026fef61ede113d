"""Numbers that were typed as text: "1 234,50 ₽", "$1,234.50", "(12)". Whether a comma is a decimal mark is for the column to say."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

MAX_DIGITS = 15
"""Excel keeps 15 significant digits, so a longer whole number is an account or a card, not an amount."""
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f"), " ")
_SIGNS = {ord("\u2212"): "-", ord("\u2013"): "-", ord("\u2019"): "'"}
_MARKS = {
    "$": "$", "usd": "$", "€": "€", "eur": "€", "£": "£", "gbp": "£", "¥": "¥", "jpy": "¥", "cny": "¥",
    "₽": "₽", "р": "₽", "р.": "₽", "руб": "₽", "руб.": "₽", "rub": "₽", "₸": "₸", "kzt": "₸", "₴": "₴", "uah": "₴",
    "₺": "₺", "try": "₺", "₹": "₹", "inr": "₹", "%": "%",
}  # fmt: skip
_MARK = "|".join(re.escape(mark) for mark in sorted(_MARKS, key=len, reverse=True))
_DECORATED = re.compile(
    rf"(?P<open>\()?(?P<minus>[-+])?\s*(?P<before>{_MARK})?\s*(?P<sign>[-+])?(?P<body>\d[\d .,']*?)"
    rf"(?P<trailing>-)?\s*(?P<after>{_MARK})?(?P<close>\))?",
    re.IGNORECASE,
)
_POINT = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d{1,3}(?:'\d{3})+)(?:\.\d+)?")
_COMMA = re.compile(r"(?:\d+|\d{1,3}(?:\.\d{3})+|\d{1,3}(?: \d{3})+)(?:,\d+)?")


@dataclass(frozen=True, slots=True)
class Numeral:
    """Both readings of one text; None where that reading is impossible."""

    point: Decimal | None
    comma: Decimal | None
    mark: str
    """The currency, or "%", or nothing."""
    bare: bool
    """Nothing but digits and a sign."""
    leading_zero: bool
    digits: int


def parse_numeral(text: str) -> Numeral | None:
    """None if the text is not a number in any of the ways people write one."""
    plain = text.translate(_SPACES).translate(_SIGNS).strip()
    match = _DECORATED.fullmatch(plain)
    if match is None or (match["open"] is None) != (match["close"] is None) or (match["before"] and match["after"]):
        return None
    signs = [sign for sign in (match["minus"], match["sign"], match["trailing"], match["open"]) if sign]
    if len(signs) > 1:
        return None
    body = match["body"].strip()
    point = body.translate(_NO_POINT_MARKS) if _POINT.fullmatch(body) else None
    comma = body.translate(_NO_COMMA_MARKS).replace(",", ".") if _COMMA.fullmatch(body) else None
    if point is None and comma is None:
        return None
    mark = _MARKS.get((match["before"] or match["after"] or "").lower(), "")
    factor = (-1 if signs and signs[0] in "-(" else 1) * (Decimal("0.01") if mark == "%" else 1)
    return Numeral(
        point=None if point is None else Decimal(point) * factor,
        comma=None if comma is None else Decimal(comma) * factor,
        mark=mark,
        bare=body.isdecimal() and not mark,
        leading_zero=len(body) > 1 and body[0] == "0" and body[1].isdigit(),
        digits=sum(character.isdigit() for character in body),
    )


_NO_POINT_MARKS = dict.fromkeys(map(ord, ", '"), "")
_NO_COMMA_MARKS = dict.fromkeys(map(ord, ". "), "")


@dataclass(slots=True)
class NumeralEvidence:
    """What all numerals of a column say together."""

    count: int = 0
    bare: int = 0
    not_point: int = 0
    not_comma: int = 0
    disagree: int = 0
    leading_zeros: int = 0
    digits: int = 0
    scale: dict[str, int] = field(default_factory=lambda: {"point": 0, "comma": 0})
    marks: set[str] = field(default_factory=set)

    def add(self, numeral: Numeral, times: int = 1) -> None:
        self.count += times
        self.bare += numeral.bare * times
        self.not_point += numeral.point is None
        self.not_comma += numeral.comma is None
        self.disagree += None not in (numeral.point, numeral.comma) and numeral.point != numeral.comma
        self.leading_zeros += numeral.leading_zero
        self.digits = max(self.digits, numeral.digits)
        for style, value in (("point", numeral.point), ("comma", numeral.comma)):
            if value is not None:
                self.scale[style] = max(self.scale[style], scale_of(value))
        self.marks.add(numeral.mark)

    def merge(self, other: "NumeralEvidence") -> None:
        for name in ("count", "bare", "not_point", "not_comma", "disagree", "leading_zeros"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.digits = max(self.digits, other.digits)
        self.scale = {style: max(self.scale[style], other.scale[style]) for style in self.scale}
        self.marks |= other.marks

    @property
    def style(self) -> str | None:
        """ "point" or "comma", the one reading in which every text is a number of one currency; None if there is none.

        "1,234" alone could be either, and 5 $ and 5 ₽ have no common sum: such a column stays text.
        """
        if not self.count or self.leading_zeros or self.digits > MAX_DIGITS or len(self.marks - {""}) > 1:
            return None
        if not self.not_point and (self.not_comma or not self.disagree):
            return "point"
        return "comma" if not self.not_comma and self.not_point else None


def scale_of(value: Decimal) -> int:
    """Digits after the decimal point."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
