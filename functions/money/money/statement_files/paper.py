"""How a printed statement is divided up: text into lines, lines into pages. Lengths are points, from a page's top left."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

WIDTH, HEIGHT = 595.28, 841.89  # A4
MARGIN = 48.0


@lru_cache(maxsize=4096)
def _letter(letter: str, font: str) -> float:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return stringWidth(letter, font, 1)


def width_of(text: str, font: str, size: float) -> float:
    """Letter by letter: these fonts are set without kerning."""
    return size * sum(_letter(letter, font) for letter in text)


def _pieces(word: str, font: str, size: float, width: float) -> Iterator[str]:
    """A word that is wider than the column, cut where it must be."""
    piece, taken = "", 0.0
    for letter in word:
        more = size * _letter(letter, font)
        if piece and taken + more > width:
            yield piece
            piece, taken = "", 0.0
        piece, taken = piece + letter, taken + more
    yield piece


def wrapped(text: str, font: str, size: float, width: float) -> list[str]:
    """The text in lines that are no wider than that; none for an empty one."""
    lines: list[str] = []
    taken, blank = 0.0, size * _letter(" ", font)
    for word in text.split():
        more = width_of(word, font, size)
        if lines and taken + blank + more <= width:
            lines[-1] += f" {word}"
            taken += blank + more
        else:
            lines += _pieces(word, font, size, width)
            taken = width_of(lines[-1], font, size)
    return lines


@dataclass(frozen=True, slots=True)
class Block[T]:
    """Something that is not divided, and how much of a page it takes."""

    content: T
    height: float


def pages[T](blocks: list[Block[T]], first: float, others: float, tail: float) -> list[list[Block[T]]]:
    """Filled one after the other; `first` and `others` are the heights they have room for, and the last one keeps `tail` free."""
    filled: list[list[Block[T]]] = [[]]
    room = first
    for block in blocks:
        if block.height > room:
            filled.append([])
            room = others
        filled[-1].append(block)
        room -= block.height
    if tail > room:
        # The totals do not stand alone: the last lines go with them.
        moved = filled[-1][-2:] if len(filled[-1]) > 2 else []  # noqa: PLR2004
        filled[-1] = filled[-1][: len(filled[-1]) - len(moved)]
        filled.append(moved)
    return filled
