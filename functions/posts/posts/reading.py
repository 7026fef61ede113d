"""Public reads as bytes: out of a short cache, from a replica if there is one, and for who is signed in always the newest."""

from functools import cache

from sqlalchemy.ext.asyncio import AsyncSession

from common import replica
from common.cache import Cache, Freshest
from common.db import after_commit
from common.settings import settings
from common.shared_cache import SharedCache
from posts.wanted import Wanted


@cache
def _cache() -> Cache:
    url = settings().cache_url
    return Cache(SharedCache(url.get_secret_value(), "posts") if url else None)


@cache
def _freshest() -> Freshest:
    return Freshest()


def peek(wanted: Wanted) -> bytes | None:
    """What is in the cache of this process."""
    return _cache().peek(wanted.key)


async def read(wanted: Wanted) -> bytes:
    """The ETag, a line feed and the JSON. At most POSTS_CACHE_S behind, and with a replica as much more as that is."""
    life_s = settings().posts_cache_s
    if life_s <= 0:  # nothing is older than the question, but who asks the same at the same time shares the answer
        return await _freshest().get(f"uncached {wanted.key}", lambda: _make(wanted, newest=False))
    held = _cache()
    return held.peek(wanted.key) or await held.get(wanted.key, life_s, lambda: _make(wanted, newest=False))


async def read_newest(wanted: Wanted) -> bytes:
    """As it is now, by the primary: whoever has written sees it, from whichever process."""
    return await _freshest().get(wanted.key, lambda: _make(wanted, newest=True))


def changed(session: AsyncSession) -> None:
    """Whatever this transaction changes of what readers see: lists and posts are made anew once it is committed."""
    after_commit(session, _drop)


async def _drop() -> None:
    replica.wrote("posts")
    await _cache().drop()


async def _make(wanted: Wanted, *, newest: bool) -> bytes:
    rows = await replica.fetch("posts", wanted.statement, wanted.parameters, newest=newest)
    etag, text = wanted.shape(rows)
    return f"{etag}\n{text}".encode()
