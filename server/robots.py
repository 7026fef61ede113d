"""Whoever reads the page without running it: they get the post behind a link as a document of its own."""

import re

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from common.settings import settings

NAMES = (
    r"(?<!cu)bot\b|crawler|spider|facebookexternalhit|whatsapp|vkshare|skypeuripreview|embedly|link ?preview|mastodon"
)
"""In their User-Agent, whatever the case. Nginx has the same."""
_NAMED = re.compile(NAMES, re.IGNORECASE)
_POST = re.compile(r"/posts/([^/]+)")
OWN_VIEWS = frozenset(("new", "search"))


def preview_path(scope: Scope) -> str | None:
    """Where the document is that this request gets instead of the page, if it is a robot's and for a post."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    found = _POST.fullmatch(scope["path"])
    if found is None or found[1] in OWN_VIEWS or not _NAMED.search(Request(scope).headers.get("user-agent", "")):
        return None
    return f"/v1/posts/{found[1]}/preview"


async def _robots(_request: Request) -> Response:
    site = settings().public_url.rstrip("/")
    lines = ("User-agent: *", "Allow: /v1/posts", "Disallow: /v1/", f"Sitemap: {site}/v1/posts/sitemap.xml", "")
    return PlainTextResponse("\n".join(lines), headers={"cache-control": "public, max-age=3600"})


ROUTES = (Route("/robots.txt", _robots),)
