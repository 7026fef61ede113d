"""Where things are for people and machines outside: absolute addresses."""

from urllib.parse import quote

from common.settings import settings


def site() -> str:
    return settings().public_url.rstrip("/")


def post(slug: str) -> str:
    """The page's view of it."""
    return f"{site()}/posts/{slug}"


def tag(name: str) -> str:
    return f"{site()}/posts?tag={quote(name, safe='')}"


def api(path: str) -> str:
    """`path` begins after `/v1/posts/`."""
    return f"{site()}/v1/posts/{path}"
