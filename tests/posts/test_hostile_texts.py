"""Nothing that people write is executed, and nothing that they write takes for ever."""

from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from tests.people import Person
from tests.posts.hostile import HTML, MARKDOWN, ODD, SLOW
from tests.posts.test_comments import say
from tests.posts.test_posts import POSTS, write
from tests.posts.test_syndication import read_feed

_TAGS = frozenset(
    [
        "p",
        "br",
        "hr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "strong",
        "em",
        "s",
        "code",
        "pre",
        "blockquote",
        "ul",
        "ol",
        "li",
        "a",
        "img",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ]
)
_ATTRIBUTES = {
    ("a", "href"),
    ("a", "title"),
    ("a", "rel"),
    ("img", "src"),
    ("img", "alt"),
    ("img", "title"),
    ("ol", "start"),
}
_SCHEMES = ("http:", "https:", "mailto:")


class _Reader(HTMLParser):
    """Collects what a text may not have."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self.bad.append(tag)
        for name, value in attrs:
            address = "".join((value or "").split()).lower()
            if (tag, name) not in _ATTRIBUTES or (
                name in ("href", "src") and ":" in address.split("/")[0] and not address.startswith(_SCHEMES)
            ):
                self.bad.append(f"{tag} {name}={value}")

    def handle_decl(self, decl: str) -> None:
        self.bad.append(decl)

    def handle_comment(self, data: str) -> None:
        self.bad.append(data)

    def handle_pi(self, data: str) -> None:
        self.bad.append(data)

    def unknown_decl(self, data: str) -> None:
        self.bad.append(data)


def bad(html: str) -> list[str]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.bad


def test_the_reader_sees_what_is_bad() -> None:
    for html in (
        "<script>x</script>",
        "<p onclick=x>",
        "<a href='java&Tab;script:x'>",
        "<img src=data:x>",
        "<!-- x -->",
        "<b>",
    ):
        assert bad(html) != []
    assert bad('<p><a href="/a:b" rel="x">x</a> <img src="https://x/y"></p>') == []


@pytest.mark.parametrize("text", [*HTML, *MARKDOWN, *ODD])
async def test_nothing_that_is_written_is_markup_of_its_own(client: AsyncClient, ada: Person, text: str) -> None:
    word = f"w{uuid4().hex}"
    post = await write(ada, "A title", f"{text}\n\n{word}", tags=[f"t{word}"])
    assert bad(post["html"]) == []
    comment = await say(ada, post["id"], text)
    assert bad(comment["html"]) == []
    (found,) = (await client.get(f"{POSTS}/search", params={"query": word})).json()["items"]
    assert "<" not in found["highlight"].replace("<mark>", "").replace("</mark>", "")
    (entry,) = (await read_feed(client, tag=f"t{word}")).entries
    assert bad(entry.content[0].value) == []


def _as_title(text: str) -> str:
    return "".join(letter for letter in text if letter >= " " and letter != "\x7f")[:200].strip() or "A title"


@pytest.mark.parametrize("text", [*HTML, *MARKDOWN, *ODD])
async def test_titles_tags_and_names_are_text_wherever_they_stand(client: AsyncClient, ada: Person, text: str) -> None:
    title = _as_title(text)
    post = await write(ada, title, "Nothing.")
    assert post["title"] == title
    preview = (await client.get(f"{POSTS}/{post['id']}/preview")).text
    head, _, body = preview.partition("</head>")
    reader = _Preview()
    reader.feed(preview)
    assert reader.seen == {"html", "head", "meta", "title", "link", "body", "article", "h1", "p", "time", "a"}
    assert reader.handlers == []
    assert (head.count("<title>"), body.count("<h1>")) == (1, 1)


class _Preview(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.handlers: list[Any] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.handlers += [attr for attr in attrs if attr[0].startswith("on") or attr[0] in ("style", "srcdoc")]


@pytest.mark.parametrize("number", range(len(SLOW)))
async def test_huge_and_nested_texts_are_kept_and_read(client: AsyncClient, ada: Person, number: int) -> None:
    text = SLOW[number][:100_000]
    post = await write(ada, "A title", text)
    assert post["body"] == text
    assert bad(post["html"]) == []
    assert len(post["excerpt"]) <= 281
    assert (await client.get(f"{POSTS}/{post['slug']}")).json()["html"] == post["html"]


async def test_a_longer_text_is_refused(ada: Person) -> None:
    refused = await ada.post(POSTS, {"title": "x", "body": "x" * 100_001})
    assert (refused.status_code, "body" in refused.text) == (422, True)


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
async def test_half_a_surrogate_is_no_text(ada: Person, text: str) -> None:
    body = f'{{"title": "x", "body": "{text}"}}'.encode("utf-8", "surrogatepass")
    headers = ada.auth | {"Content-Type": "application/json"}
    for content in (body, b'{"title": "x", "body": "\\ud800"}'):
        refused = await ada.client.post(POSTS, content=content, headers=headers)
        assert 400 <= refused.status_code < 500, refused.text
