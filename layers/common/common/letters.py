"""How a letter is put together: one description, rendered as text and as HTML."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from common.mail import Mail

_GREETING = {"en": "Hello {name},", "ru": "Здравствуйте, {name}!"}
_GREETING_WITHOUT_NAME = {"en": "Hello,", "ru": "Здравствуйте!"}
_LIKE_AN_ADDRESS = re.compile(r"[/\\@:]|\.\w{2}")
_INVISIBLE = {"Cf", "Zl", "Zp"}
_FALLBACK = {
    "en": "If the button does not work, open this address:",
    "ru": "Если кнопка не открывается, перейдите по адресу:",
}

# Styles stand in the elements: mail programs drop style sheets. No colours of the page itself, so that a dark one stays dark.
_HTML = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<title>{subject}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:34em;margin:0 auto">
{body}
<p style="margin-top:32px;opacity:.6">Artel</p>
</div></body></html>
"""
_PARAGRAPH = '<p style="margin:0 0 16px">{}</p>'
_CELL = "padding:4px 12px 4px 0;text-align:left;border-bottom:1px solid rgba(128,128,128,.3)"
_BUTTON = (
    '<p style="margin:24px 0"><a href="{url}" style="display:inline-block;padding:10px 20px;border-radius:8px;'
    'background:#1f5fbf;color:#fff;text-decoration:none;font-weight:600">{label}</a></p>'
    '<p style="margin:0 0 16px;font-size:13px;opacity:.7">{fallback}<br>{url}</p>'
)


@dataclass(frozen=True, slots=True)
class Table:
    """The first of the `rows` names the columns. Without any, the letter says that it is missing."""

    title: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """In one language. `button`: what it says and where it leads; it stands after the first paragraph."""

    subject: str
    paragraphs: tuple[str, ...]
    button: str | None = None


@dataclass(frozen=True, slots=True)
class Letters:
    """The same letter in each language that people can choose."""

    en: Letter
    ru: Letter

    def to(
        self,
        address: str,
        name: str,
        locale: str,
        link: str = "",
        tables: Sequence[Table] = (),
        missing: str = "",
        /,
        **words: str,
    ) -> Mail:
        """`words` fill the places in the texts. Names come from strangers: they are escaped where it matters.

        `tables` stand after the first paragraph and its button; `missing` is said of those that are not there.
        """
        language = "ru" if locale == "ru" else "en"
        letter = self.ru if language == "ru" else self.en
        subject = " ".join(letter.subject.format_map(words).split())
        paragraphs = [_greeting(name, language), *(p.format_map(words) for p in letter.paragraphs)]
        plain = _text(letter, paragraphs, link, [_text_table(table, missing) for table in tables])
        marked = [_html_table(table, missing) for table in tables]
        return Mail(address, subject, plain, _html(letter, subject, paragraphs, link, language, marked))


def is_plain(name: str) -> bool:
    """Whether mail programs would make no link of it: anybody can sign somebody else up, or send them money, by any name."""
    return not (_LIKE_AN_ADDRESS.search(name) or any(unicodedata.category(c) in _INVISIBLE for c in name))


def _greeting(name: str, language: str) -> str:
    if not name or not is_plain(name):
        return _GREETING_WITHOUT_NAME[language]
    return _GREETING[language].format(name=name)


def _text(letter: Letter, paragraphs: list[str], link: str, tables: list[str]) -> str:
    greeting, first, *rest = paragraphs
    call = [f"{letter.button}:\n{link}"] if letter.button else []
    return "\n\n".join([greeting, first, *call, *tables, *rest, "Artel"]) + "\n"


def _text_table(table: Table, missing: str) -> str:
    widths = [max(map(len, column)) for column in zip(*table.rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table.rows
    ]
    return "\n".join([table.title, "-" * len(table.title), *(lines or [missing])])


def _html_table(table: Table, missing: str) -> str:
    title = f'<h2 style="margin:24px 0 8px;font-size:17px">{escape(table.title)}</h2>'
    if not table.rows:
        return title + _PARAGRAPH.format(escape(missing))
    head, *rows = table.rows
    names = "".join(f'<th scope="col" style="{_CELL};opacity:.7">{escape(cell)}</th>' for cell in head)
    lines = "".join(f"<tr>{''.join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'{title}<table style="border-collapse:collapse;width:100%"><tr>{names}</tr>{lines}</table>'


def _html(letter: Letter, subject: str, paragraphs: list[str], link: str, language: str, tables: Sequence[str]) -> str:
    greeting, first, *rest = (_PARAGRAPH.format(escape(p)) for p in paragraphs)
    call = (
        [_BUTTON.format(url=escape(link), label=escape(letter.button), fallback=_FALLBACK[language])]
        if letter.button
        else []
    )
    body = "\n".join([greeting, first, *call, *tables, *rest])
    return _HTML.format(lang=language, subject=escape(subject), body=body)
