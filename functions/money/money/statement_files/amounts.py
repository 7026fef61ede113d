"""Minor units as people write them: exact, and never by way of a float."""

from decimal import Decimal
from typing import Literal

Language = Literal["en", "ru"]


def units(amount: int, exponent: int) -> Decimal:
    """With all digits of the currency: 5 with exponent 2 is 0.05, 50 is 0.50."""
    return Decimal(amount).scaleb(-exponent)


def plain(amount: int, exponent: int) -> str:
    """For programs: -1234.50."""
    return format(units(amount, exponent), "f")


def grouped(amount: int, exponent: int, language: Language) -> str:
    """For people: -1,234.50, and in Russian -1 234,50 with spaces that do not break."""
    text = format(units(amount, exponent), ",f")
    return text.translate({ord(","): "\u00a0", ord("."): ","}) if language == "ru" else text
