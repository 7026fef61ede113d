"""How a letter is put together: one description, rendered as text and as HTML."""

import re
import unicodedata
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
_BUTTON = (
    '<p style="margin:24px 0"><a href="{url}" style="display:inline-block;padding:10px 20px;border-radius:8px;'
    'background:#1f5fbf;color:#fff;text-decoration:none;font-weight:600">{label}</a></p>'
    '<p style="margin:0 0 16px;font-size:13px;opacity:.7">{fallback}<br>{url}</p>'
)


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

    def to(self, address: str, name: str, locale: str, link: str = "", **words: str) -> Mail:
        """`words` fill the places in the texts. Names come from strangers: they are escaped where it matters."""
        language = "ru" if locale == "ru" else "en"
        letter = self.ru if language == "ru" else self.en
        paragraphs = [_greeting(name, language), *(p.format_map(words) for p in letter.paragraphs)]
        return Mail(address, letter.subject, _text(letter, paragraphs, link), _html(letter, paragraphs, link, language))


def is_plain(name: str) -> bool:
    """Whether mail programs would make no link of it: anybody can sign somebody else up, or send them money, by any name."""
    return not (_LIKE_AN_ADDRESS.search(name) or any(unicodedata.category(c) in _INVISIBLE for c in name))


def _greeting(name: str, language: str) -> str:
    if not name or not is_plain(name):
        return _GREETING_WITHOUT_NAME[language]
    return _GREETING[language].format(name=name)


def _text(letter: Letter, paragraphs: list[str], link: str) -> str:
    greeting, first, *rest = paragraphs
    call = [f"{letter.button}:\n{link}"] if letter.button else []
    return "\n\n".join([greeting, first, *call, *rest, "Artel"]) + "\n"


def _html(letter: Letter, paragraphs: list[str], link: str, language: str) -> str:
    greeting, first, *rest = (_PARAGRAPH.format(escape(p)) for p in paragraphs)
    call = (
        [_BUTTON.format(url=escape(link), label=escape(letter.button), fallback=_FALLBACK[language])]
        if letter.button
        else []
    )
    body = "\n".join([greeting, first, *call, *rest])
    return _HTML.format(lang=language, subject=escape(letter.subject), body=body)
