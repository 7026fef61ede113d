"""Cells that calamine reads wrongly, found in the sheet's own XML so that its reading can be corrected.

It gives empty text for an error (`#DIV/0!`), nothing for a formula without a stored value, and a binary float for a whole
number of more than 15 digits, whose last ones then differ. openpyxl reads the first and the last of these well, but takes
ten times as long for the whole sheet.
"""

import re
from collections.abc import Iterator

from analytics.cells import CellError, Uncalculated, Value

_P = rb"(?:[\w.-]+:)?"
"""The prefix some programs give to every element."""
_FORMULA = rb"<" + _P + rb"f(?:\s[^>]*?)?(?:/>|>[^<]*</[^>]*>)\s*"
_ERROR = re.compile(
    rb"<" + _P + rb"c(?=[^>]*\st\s*=\s*[\"']e[\"'])(\s[^>]*)>(?:" + _FORMULA + rb")?\s*<" + _P + rb"v>([^<]*)</"
)
_LONG_NUMBER = re.compile(rb"<" + _P + rb"c(\s[^>]*)?>\s*(?:" + _FORMULA + rb")?<" + _P + rb"v>(-?\d{16,400})</")
_UNCALCULATED = re.compile(
    rb"<" + _P + rb"c(\s[^>]*)?>\s*" + _FORMULA + rb"(?:<" + _P + rb"v\s*(?:/>|>\s*</[^>]*>)\s*)?</"
)
_POSITION = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,7})[\"']")
_TEXT = re.compile(rb"\st\s*=\s*[\"'](?:str|s|inlineStr)[\"']")

type Position = tuple[bytes, int]
"""Column letters and row number."""


class NoPosition(Exception):
    """The cell does not say where it stands."""


def corrections(piece: bytes) -> Iterator[tuple[Position, Value]]:
    """Of the cells in a piece of a sheet's XML. Raises NoPosition."""
    if b'"e"' in piece or b"'e'" in piece:
        for attributes, text in _ERROR.findall(piece):
            yield _position(attributes), CellError(text.decode(errors="replace").strip() or "#ERROR")
    if re.search(rb"v>-?\d{16}", piece):
        for attributes, digits in _LONG_NUMBER.findall(piece):
            if not _TEXT.search(attributes):
                yield _position(attributes), int(digits)
    if b"<f" in piece or b":f" in piece:
        for attributes in _UNCALCULATED.findall(piece):
            if not _TEXT.search(attributes):  # the result of a text formula may well be empty
                yield _position(attributes), Uncalculated()


def _position(attributes: bytes) -> Position:
    found = _POSITION.search(attributes)
    if found is None:
        raise NoPosition
    return found[1].upper(), int(found[2])
