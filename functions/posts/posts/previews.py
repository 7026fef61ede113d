"""A post for who runs no scripts: what messengers and networks show of a link (ogp.me), and search engines read."""

import json
import re
from collections.abc import Sequence
from html import escape, unescape
from typing import Any
from urllib.parse import urljoin

from posts import etags, links, wanted
from posts.errors import PostNotFound
from posts.wanted import Wanted

MEDIA = b"text/html; charset=utf-8"
_IMAGE = re.compile(r'<img [^>]*?src="([^"]+)"')


def preview(id_or_slug: str) -> Wanted:
    post = wanted.one(id_or_slug)
    return Wanted(f"preview {post.key}", post.statement, post.parameters, _shape, MEDIA)


def _shape(rows: Sequence[Any]) -> tuple[str, str]:
    if not rows:
        raise PostNotFound
    text = document(json.loads(rows[0][0]))
    return etags.of_bytes(text.encode()), text


def document(post: dict[str, Any]) -> str:
    address, title = links.post(post["slug"]), escape(post["title"])
    author = escape(post["author"]["display_name"])
    image = _IMAGE.search(post["html"] or "")
    properties = [
        ("og:type", "article"),
        ("og:site_name", "Artel"),
        ("og:title", post["title"]),
        ("og:description", post["excerpt"]),
        ("og:url", address),
        *([("og:image", urljoin(f"{links.site()}/", unescape(image[1])))] if image else []),
        ("article:published_time", post["published_at"]),
        ("article:modified_time", post["updated_at"]),
        *(("article:tag", tag) for tag in post["tags"]),
    ]
    named = [("description", post["excerpt"]), ("twitter:card", "summary_large_image" if image else "summary")]
    lines = [
        "<!doctype html>",
        '<html><head><meta charset="utf-8">',
        f"<title>{title}</title>",
        f'<link rel="canonical" href="{escape(address)}">',
        f'<link rel="alternate" type="application/atom+xml" title="Artel" href="{escape(links.api("feed.atom"))}">',
        *(f'<meta property="{name}" content="{escape(value)}">' for name, value in properties),
        *(f'<meta name="{name}" content="{escape(value)}">' for name, value in named),
        "</head>",
        f"<body><article><h1>{title}</h1>",
        f"<p>{author}, <time>{escape(post['published_at'])}</time></p>",
        post["html"] if post["html"] is not None else f"<p>{escape(post['excerpt'])}</p>",
        f'</article><p><a href="{escape(address)}">{escape(address)}</a></p></body></html>',
    ]
    return "\n".join(lines) + "\n"
