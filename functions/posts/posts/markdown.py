"""Markdown in, sanitised HTML out. Done once, when a post is written; the two libraries are imported then."""

import asyncio
import html as entities
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_EXCERPT = 280
_BLOCK = re.compile(r"<(?:br|hr|/(?:p|h[1-6]|li|pre|blockquote|t[dhr]))\b")
_TAGS = frozenset(
    "p br hr h1 h2 h3 h4 h5 h6 strong em s code pre blockquote ul ol li a img table thead tbody tr th td".split()  # noqa: SIM905 - one line
)


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    # Raw HTML is text here, whatever it says; nesting is bounded by the library.
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def render(body: str) -> str:
    import nh3

    return nh3.clean(
        _parser().render(body),
        tags=set(_TAGS),
        attributes={"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener ugc",
    )


def excerpt(html: str) -> str:
    """The first words of the text, without any markup."""
    import nh3

    spaced = _BLOCK.sub(r" \g<0>", html)  # else the words of two blocks would grow together
    text = " ".join(entities.unescape(nh3.clean(spaced, tags=set())).split())
    return text if len(text) <= _EXCERPT else text[:_EXCERPT].rsplit(" ", 1)[0] + "…"


@dataclass(frozen=True, slots=True)
class Rendered:
    html: str
    excerpt: str


async def rendered(body: str) -> Rendered:
    """In a thread: a text made to be slow takes a second or so."""

    def work() -> Rendered:
        html = render(body)
        return Rendered(html, excerpt(html))

    return await asyncio.to_thread(work)
