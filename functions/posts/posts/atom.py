"""The Atom feed (RFC 4287, paged as RFC 5005 says): the newest posts, or those of a tag or an author."""

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from xml.etree import ElementTree as ET

from common.pagination import encode_cursor
from posts import etags, links, wanted
from posts.wanted import Wanted

MEDIA = b"application/atom+xml; charset=utf-8"
ENTRIES = 20
_ATOM = "http://www.w3.org/2005/Atom"
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, even escaped."""
_NEVER = "1970-01-01T00:00:00Z"
ET.register_namespace("", _ATOM)


def feed(*, tag: str | None, author: UUID | None, cursor: str | None) -> Wanted:
    """Raises InvalidCursor."""
    listed = wanted.page(tag=tag, author=author, cursor=cursor, limit=ENTRIES, whole=True)
    about = {"tag": tag, "author": str(author) if author else None}
    query = {name: value for name, value in about.items() if value is not None}

    def shape(rows: Sequence[Any]) -> tuple[str, str]:
        items, count, *position = rows[0]
        following = encode_cursor(position) if count > ENTRIES else None
        text = _document(json.loads(f"[{items}]"), query, following)
        return etags.of_bytes(text.encode()), text

    return Wanted(f"atom {listed.key}", listed.statement, listed.parameters, shape, MEDIA)


def _document(posts: list[dict[str, Any]], query: dict[str, str], following: str | None) -> str:
    root = ET.Element(f"{{{_ATOM}}}feed")
    address = _address(query)
    _add(root, "id", address)
    _add(root, "title", f"Artel: {query['tag']}" if "tag" in query else "Artel")
    _add(root, "updated", max((post["updated_at"] for post in posts), default=_NEVER))
    _link(root, "self", address)
    _link(root, "alternate", links.tag(query["tag"]) if "tag" in query else f"{links.site()}/posts", "text/html")
    if following:
        _link(root, "next", _address(query | {"cursor": following}))
    for post in posts:
        _entry(root, post)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode")


def _entry(root: ET.Element, post: dict[str, Any]) -> None:
    entry = _add(root, "entry")
    _add(entry, "id", f"urn:uuid:{post['id']}")
    _add(entry, "title", post["title"])
    _add(entry, "published", post["published_at"])
    _add(entry, "updated", max(post["updated_at"], post["published_at"]))
    _link(entry, "alternate", links.post(post["slug"]), "text/html")
    _add(_add(entry, "author"), "name", post["author"]["display_name"] or "?")
    for tag in post["tags"]:
        _add(entry, "category", term=tag)
    _add(entry, "summary", post["excerpt"])
    if post["html"] is not None:
        # Addresses in it may be relative to the site.
        _add(entry, "content", post["html"], type="html").set(_BASE, f"{links.site()}/")


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    clean = {key: _NO_XML.sub("", value) for key, value in attributes.items()}
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}", clean)
    element.text = None if text is None else _NO_XML.sub("", text)
    return element


def _link(parent: ET.Element, rel: str, href: str, media: str = "application/atom+xml") -> None:
    _add(parent, "link", rel=rel, type=media, href=href)


def _address(query: dict[str, str]) -> str:
    return links.api("feed.atom") + (f"?{urlencode(query)}" if query else "")
