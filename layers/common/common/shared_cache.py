"""The cache that several processes share: Redis, which may be slow, gone or back at any time. Nothing depends on it.

Several processes may make the same value at once, one each: a lock between them would be another round trip, and its
holder's death another wait, to save a query of a millisecond.
"""

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from common.settings import ConfigurationError

if TYPE_CHECKING:
    from redis.asyncio import Redis

_log = logging.getLogger("artel.cache")
_PATIENCE_S = 0.1
_PAUSES_S = (0.5, 1.0, 2.0, 5.0)
"""After so many failures in a row nobody asks for so long; then one request tries, and the others go on without."""
_CONNECTIONS = 16


class Stamp(NamedTuple):
    """The generation that Redis told of before a value was made: what a write has dropped meanwhile is not believed."""

    generation: bytes


class Found(NamedTuple):
    """`stamp` is None when Redis did not answer: then there is no sense in telling it anything."""

    value: bytes | None
    left_s: float
    stamp: Stamp | None


_NOTHING = Found(None, 0, None)


_open: "set[SharedCache]" = set()


async def close_shared_caches() -> None:
    """Before the event loop ends that their connections are bound to."""
    while _open:
        await _open.pop().close()


class SharedCache:
    """Values carry the generation they were made in; a reader gets both, and the time that is left, in one round trip."""

    def __init__(self, url: str, name: str) -> None:
        self._url, self._name = url, name
        self._client: Redis | None = None
        self._failures = 0
        self._closed_until = 0.0

    async def read(self, key: str) -> Found:
        def ask(pipe: Any) -> None:
            pipe.get(self._place("generation"))
            pipe.get(self._place(f"value:{key}"))
            pipe.pttl(self._place(f"value:{key}"))

        answer = await self._ask(ask)
        if answer is None:
            return _NOTHING
        generation, held, left_ms = answer[0] or b"0", answer[1] or b"", answer[2]
        made_in, _, value = held.partition(b"\n")
        if not held or made_in != generation or left_ms <= 0:
            return Found(None, 0, Stamp(generation))
        return Found(value, left_ms / 1000, Stamp(generation))

    async def write(self, key: str, value: bytes, left_s: float, stamp: Stamp) -> None:
        held = stamp.generation + b"\n" + value
        life_ms = max(1, int(left_s * 1000))
        await self._ask(lambda pipe: pipe.set(self._place(f"value:{key}"), held, px=life_ms))

    async def drop(self) -> None:
        await self._ask(lambda pipe: pipe.incr(self._place("generation")))

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
            await client.connection_pool.disconnect()

    def _place(self, key: str) -> str:
        return f"artel:{self._name}:{key}"

    def _connect(self) -> "Redis":
        from redis.asyncio import BlockingConnectionPool, Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        try:
            pool = BlockingConnectionPool.from_url(
                self._url,
                max_connections=_CONNECTIONS,
                timeout=_PATIENCE_S,
                socket_timeout=_PATIENCE_S,
                socket_connect_timeout=_PATIENCE_S,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError as error:
            raise ConfigurationError("CACHE_URL is not a URL: redis://host:6379/0, rediss://… or unix://…") from error
        _open.add(self)
        return Redis(connection_pool=pool)

    async def _ask(self, say: Any) -> list[Any] | None:
        """None: no answer, and for a while nobody asks again."""
        now = time.monotonic()
        if now < self._closed_until:
            return None
        if self._failures:  # this request tries; the others do not wait for it
            self._closed_until = now + self._pause()
        if self._client is None:
            self._client = self._connect()
        from redis.exceptions import RedisError

        try:
            async with asyncio.timeout(_PATIENCE_S), self._client.pipeline(transaction=False) as pipe:
                say(pipe)
                answer: list[Any] = await pipe.execute()
        except (RedisError, OSError, TimeoutError) as error:
            self._failed(error)
            return None
        self._failures, self._closed_until = 0, 0.0
        return answer

    def _pause(self) -> float:
        return _PAUSES_S[min(self._failures, len(_PAUSES_S)) - 1]

    def _failed(self, error: Exception) -> None:
        if not self._failures:
            _log.warning("the shared cache does not answer; going on without it", extra={"reason": str(error)})
        self._failures += 1
        self._closed_until = time.monotonic() + self._pause()
