"""Answers in Redis, for processes to share (CACHE_URL). Redis may be down, slow, or empty again: then it has nothing."""

import logging
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redis.asyncio import Redis

_TIMEOUT_S = 0.1
_PAUSE_S = 1.0
"""After a failure nobody asks for so long: else each request would wait for the timeout."""
_log = logging.getLogger("artel.cache")


class RedisStore:
    def __init__(self, url: str, prefix: str) -> None:
        self._url, self._prefix = url, prefix
        self._redis: Redis | None = None
        self._silent_until = 0.0

    def _client(self) -> "Redis":
        if self._redis is None:
            from redis.asyncio import Redis  # loaded only where there is one
            from redis.asyncio.retry import Retry
            from redis.backoff import NoBackoff

            self._redis = Redis.from_url(
                self._url,
                socket_timeout=_TIMEOUT_S,
                socket_connect_timeout=_TIMEOUT_S,
                retry=Retry(NoBackoff(), 0),
                max_connections=20,
            )
        return self._redis

    async def get(self, key: str) -> tuple[bytes, float] | None:
        """The life that is left is Redis's own count, so clocks need not agree."""
        if time.monotonic() < self._silent_until:
            return None
        from redis.exceptions import RedisError

        try:
            async with self._client().pipeline(transaction=True) as both:
                both.get(self._prefix + key)
                both.pttl(self._prefix + key)
                value, left_ms = await both.execute()
        except (RedisError, OSError, TimeoutError) as error:
            self._pause(error)
            return None
        return (value, left_ms / 1000) if value is not None and left_ms > 0 else None

    async def put(self, key: str, value: bytes, life_s: float) -> None:
        if time.monotonic() < self._silent_until:
            return
        from redis.exceptions import RedisError

        try:
            await self._client().set(self._prefix + key, value, px=max(1, round(life_s * 1000)))
        except (RedisError, OSError, TimeoutError) as error:
            self._pause(error)

    def _pause(self, error: Exception) -> None:
        self._silent_until = time.monotonic() + _PAUSE_S
        _log.warning("the cache does not answer", extra={"error": repr(error)})

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.aclose()
            self._redis = None
