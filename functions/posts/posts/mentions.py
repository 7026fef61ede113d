"""Who is called by their handle in a text."""

import html as entities
import re

_CODE = re.compile(r"<(pre|code|a)\b.*?</\1>", re.DOTALL)
_MARKUP = re.compile(r"<[^>]*>")
_HANDLE = re.compile(r"(?<![\w@/.])@([a-z][a-z0-9_]{2,29})(?![\w@])", re.IGNORECASE)
_MOST = 20
"""Nobody calls a crowd with one text."""


def handles(html: str) -> list[str]:
    """The first twenty different ones, out of the rendered text: not in code, and not in links."""
    text = entities.unescape(_MARKUP.sub("", _CODE.sub(" ", html)))
    return list(dict.fromkeys(match[1].lower() for match in _HANDLE.finditer(text)))[:_MOST]
