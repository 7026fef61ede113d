"""Pages that everybody is given, ready to be sent, and the cache that they stand in for a second."""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from common.cache import Cache
from common.redis_store import RedisStore
from common.settings import settings

CACHE_CONTROL = "public, max-age=1, stale-while-revalidate=10"
"""Short: a list must show a new post at once, and one second already absorbs any rush."""
_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is ready to be sent."""

    body: bytes
    etag: str
    headers: tuple[tuple[bytes, bytes], ...]


def reply(stored: bytes) -> Reply:
    """Its tag stands before it, on a line of its own."""
    etag, _, body = stored.partition(b"\n")
    headers = (
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"etag", etag),
        (b"cache-control", CACHE_CONTROL.encode()),
    )
    return Reply(body, etag.decode(), headers)


@cache
def pages() -> Cache[Reply]:
    url = settings().cache_url
    store = RedisStore(url.get_secret_value(), "artel:posts:") if url else None
    return Cache(reply, life_s=settings().posts_cache_s, most_bytes=_MOST_BYTES, store=store)


def drop_after(session: AsyncSession) -> None:
    """Once what the session has written is there for all, not before: else a reader would put the old pages back."""
    event.listen(session.sync_session, "after_commit", lambda _: pages().drop(), once=True)
