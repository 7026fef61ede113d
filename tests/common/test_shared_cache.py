"""Redis between processes: what one has made the others have, and whatever happens to it nobody waits or is told lies."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from common import shared_cache
from common.cache import Cache
from common.settings import ConfigurationError
from common.shared_cache import SharedCache, close_shared_caches
from tests.redis_server import RedisServer, redis_server


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture(autouse=True)
async def short_pauses(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setattr(shared_cache, "_PAUSES_S", (0.05,))
    yield
    await close_shared_caches()


class Process:
    """A cache as another process has it."""

    def __init__(self, url: str) -> None:
        self.shared = SharedCache(url, "test")
        self.cache = Cache(self.shared)
        self.made = 0

    async def get(self, key: str, value: bytes, life_s: float = 60) -> bytes:
        return await self.cache.get(key, life_s, self._make(value))

    def _make(self, value: bytes) -> Callable[[], Awaitable[bytes]]:
        async def make() -> bytes:
            self.made += 1
            return value

        return make


async def test_what_one_process_made_another_has(redis: RedisServer) -> None:
    one, other = Process(redis.url), Process(redis.url)
    assert await one.get("a", b"one\nand more\x00") == b"one\nand more\x00"
    assert await other.get("a", b"other") == b"one\nand more\x00"
    assert other.made == 0
    assert await other.get("b", b"other") == b"other"


async def test_a_write_drops_it_for_all(redis: RedisServer) -> None:
    one, other = Process(redis.url), Process(redis.url)
    await one.get("a", b"old")
    await other.cache.drop()
    assert await other.get("a", b"new") == b"new"
    assert await Process(redis.url).get("a", b"newer") == b"new"


async def test_what_was_made_before_a_write_is_not_believed_after_it(redis: RedisServer) -> None:
    one, other = Process(redis.url), Process(redis.url)
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow() -> bytes:
        begun.set()
        await go.wait()
        return b"old"

    reading = asyncio.create_task(one.cache.get("a", 60, slow))
    await begun.wait()
    await other.cache.drop()
    go.set()
    assert await reading == b"old"
    assert await other.get("a", b"new") == b"new"


async def test_nobody_keeps_it_longer_than_who_made_it(redis: RedisServer) -> None:
    one, other = Process(redis.url), Process(redis.url)
    await one.get("a", b"old", life_s=0.4)
    assert await other.get("a", b"new", life_s=60) == b"old"
    await asyncio.sleep(0.45)
    assert await other.get("a", b"new", life_s=60) == b"new"


async def test_without_redis_each_process_has_its_own_cache_and_it_comes_back_by_itself(redis: RedisServer) -> None:
    one, other = Process(redis.url), Process(redis.url)
    await one.get("a", b"old")
    redis.kill()
    assert await other.get("a", b"other") == b"other"
    assert await other.get("a", b"not asked") == b"other"
    await other.cache.drop()
    assert await other.get("a", b"new") == b"new"
    redis.start()
    number = 0
    while (await Process(redis.url).shared.read(f"{number}")).value is None:
        number += 1
        await asyncio.sleep(0.02)
        await other.get(f"{number}", b"x")
    assert await Process(redis.url).get("a", b"made anew") == b"made anew"


async def test_a_redis_that_hangs_tells_nothing_that_is_too_old_when_it_wakes(redis: RedisServer) -> None:
    one, other, third = (Process(redis.url) for _ in range(3))
    await one.get("a", b"old", life_s=0.5)
    redis.signal(signal.SIGSTOP)
    try:
        await other.cache.drop()
        assert await other.get("a", b"new", life_s=0.5) == b"new"
        await asyncio.sleep(0.5)
    finally:
        redis.signal(signal.SIGCONT)
    await asyncio.sleep(0.1)
    assert await third.get("a", b"new") == b"new"


async def test_nobody_asks_a_redis_that_does_not_answer_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_cache, "_PAUSES_S", (60,))
    connections = 0

    async def silence(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        try:
            await _reader.read()
            await asyncio.sleep(60)
        finally:
            writer.close()

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    process = Process(f"redis://127.0.0.1:{port}/0")
    for number in range(100):
        assert await process.get(f"{number}", b"x") == b"x"
    assert connections == 1
    server.close()


async def test_one_tries_again_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch, redis: RedisServer) -> None:
    monkeypatch.setattr(shared_cache, "_PATIENCE_S", 4)  # longer than all the others take on a busy machine
    process = Process(redis.url)
    await process.get("a", b"x")
    redis.signal(signal.SIGSTOP)
    try:
        await process.get("b", b"x")
        await asyncio.sleep(0.06)
        trying = asyncio.create_task(process.get("c", b"x"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await asyncio.gather(*(process.get(f"{number}", b"x") for number in range(100)))
        assert not trying.done()
        assert await trying == b"x"
    finally:
        redis.signal(signal.SIGCONT)


async def test_a_wrong_url_is_said_and_not_taken_for_silence() -> None:
    with pytest.raises(ConfigurationError, match="CACHE_URL"):
        await Process("memcached://localhost").get("a", b"x")
