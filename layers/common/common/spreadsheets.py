"""Files that spreadsheets open: words that they would run are made harmless, and UTF-8 is recognised."""

import csv
import io
import re
from collections.abc import Iterable

BYTE_ORDER_MARK = "\ufeff"
# At the beginning, and after what some countries' spreadsheets divide cells and rows by, quotation marks or not. Blanks and
# letters that nobody sees may come first.
_BLANK = "(?:[^\\S\t\r\n]|[\"'\u200b-\u200f\u2060\ufeff])"
_FORMULA = re.compile(f"^(?=[\t\r\n])|(?:^|(?<=[;\t\r\n]))(?={_BLANK}*[=+\\-@＝＋－＠])")


def harmless(text: str) -> str:
    """An apostrophe goes before what a spreadsheet would run (OWASP: CSV injection)."""
    return _FORMULA.sub("'", text)


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """RFC 4180."""
    into = io.StringIO()
    csv.writer(into).writerows(rows)
    return into.getvalue()
