"""The sitemap (sitemaps.org): an index of pages, and pages of posts, newest first."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from xml.sax.saxutils import escape

from common.pagination import decode_cursor, encode_cursor
from posts import etags, links
from posts.wanted import Wanted

MEDIA = b"application/xml; charset=utf-8"
PAGE = 10_000
"""The format allows 50,000, and a function's reply 6 MB."""
_SCHEMA = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_SHOWN = "deleted_at IS NULL AND hidden_at IS NULL AND published_at <= now()"

# Where each page but the first begins: after the last post of the one before.
_ENDS = f"""
    WITH RECURSIVE ends AS (
        (SELECT published_at, id FROM posts.posts WHERE {_SHOWN}
            ORDER BY published_at DESC, id DESC OFFSET {PAGE - 1} LIMIT 1)
        UNION ALL
        SELECT following.published_at, following.id FROM ends CROSS JOIN LATERAL (
            SELECT p.published_at, p.id FROM posts.posts AS p
            WHERE {_SHOWN} AND (p.published_at, p.id) < (ends.published_at, ends.id)
            ORDER BY p.published_at DESC, p.id DESC OFFSET {PAGE - 1} LIMIT 1
        ) AS following
    ) SELECT published_at, id FROM ends"""  # noqa: S608 - of constants
_POSTS = f"""
    SELECT coalesce(string_agg(
        format('<url><loc>%%s%%s</loc><lastmod>%%s</lastmod></url>', %(site)s::text, slug, trim(BOTH '"' FROM to_json(updated_at)::text)), ''
        ORDER BY published_at DESC, id DESC
    ), '') FROM (
        SELECT slug, updated_at, published_at, id FROM posts.posts WHERE {_SHOWN} {{after}}
        ORDER BY published_at DESC, id DESC LIMIT {PAGE}
    ) AS page"""  # noqa: S608 - of constants
_FIRST = _POSTS.format(after="")
_LATER = _POSTS.format(after="AND (published_at, id) < (%(published_at)s, %(id)s)")


def index() -> Wanted:
    return Wanted("sitemap", _ENDS, {}, _index, MEDIA)


def page(cursor: str | None) -> Wanted:
    """Raises InvalidCursor."""
    site = {"site": escape(links.post(""))}
    shape = partial(_document, "urlset")
    if cursor is None:
        return Wanted("sitemap first", _FIRST, site, lambda rows: shape(rows[0][0]), MEDIA)
    at, identifier = decode_cursor(cursor, tuple[datetime, UUID])
    given = site | {"published_at": at, "id": identifier}
    return Wanted(f"sitemap {at.timestamp():.6f}/{identifier}", _LATER, given, lambda rows: shape(rows[0][0]), MEDIA)


def _index(rows: Sequence[Any]) -> tuple[str, str]:
    first = links.api("sitemap/posts.xml")
    pages = [first, *(f"{first}?{urlencode({'cursor': encode_cursor(row)})}" for row in rows)]
    return _document("sitemapindex", "".join(f"<sitemap><loc>{escape(address)}</loc></sitemap>" for address in pages))


def _document(kind: str, entries: str) -> tuple[str, str]:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{kind} {_SCHEMA}>{entries}</{kind}>\n'
    return etags.of_bytes(text.encode()), text
