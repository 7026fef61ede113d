"""One makes it for all who wait; nothing is kept beyond its life, its bytes or a write."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from common.cache import Cache, Freshest


class Maker:
    """Counts how often it is asked, and answers when it is let go."""

    def __init__(self) -> None:
        self.made = 0
        self.go = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> bytes:
        self.made += 1
        number = self.made
        await self.go.wait()
        if self.error is not None:
            raise self.error
        return b"%d" % number


@pytest.fixture
async def maker() -> Maker:
    return Maker()


def _value(value: bytes) -> Callable[[], Awaitable[bytes]]:
    async def make() -> bytes:
        return value

    return make


async def _waiting(*flights: "asyncio.Task[bytes]") -> None:
    for _ in range(5):
        await asyncio.sleep(0)
    assert not any(flight.done() for flight in flights)


async def test_a_thousand_who_wait_have_one_maker(maker: Maker) -> None:
    cache = Cache()
    waiting = [asyncio.create_task(cache.get("a", 60, maker)) for _ in range(1000)]
    await _waiting(*waiting)
    maker.go.set()
    assert set(await asyncio.gather(*waiting)) == {b"1"}
    assert (await cache.get("a", 60, maker), maker.made) == (b"1", 1)


async def test_an_error_wakes_all_and_is_not_kept(maker: Maker) -> None:
    cache = Cache()
    maker.error = LookupError("gone")
    waiting = [asyncio.create_task(cache.get("a", 60, maker)) for _ in range(10)]
    await _waiting(*waiting)
    maker.go.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(outcome, LookupError) for outcome in outcomes)
    maker.error = None
    assert (await cache.get("a", 60, maker), maker.made) == (b"2", 2)


async def test_who_goes_away_does_not_take_the_others_along(maker: Maker) -> None:
    cache = Cache()
    first = asyncio.create_task(cache.get("a", 60, maker))
    second = asyncio.create_task(cache.get("a", 60, maker))
    await _waiting(first, second)
    first.cancel()
    maker.go.set()
    assert await second == b"1"
    assert first.cancelled() or first.cancelling()


async def test_what_was_being_made_while_somebody_wrote_is_not_kept(maker: Maker) -> None:
    cache = Cache()
    old = asyncio.create_task(cache.get("a", 60, maker))
    await _waiting(old)
    await cache.drop()
    new = asyncio.create_task(cache.get("a", 60, maker))
    await _waiting(old, new)
    maker.go.set()
    assert (await old, await new) == (b"1", b"2")
    assert cache.peek("a") == b"2"


async def test_a_value_ends_with_its_life_which_begins_before_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    cache = Cache()

    async def slow() -> bytes:
        nonlocal now
        now += 0.9
        return b"old"

    await cache.get("a", 1, slow)
    assert cache.peek("a") == b"old"
    now += 0.2
    assert cache.peek("a") is None
    assert await cache.get("a", 1, _value(b"new")) == b"new"


async def test_memory_is_bounded_and_the_least_used_goes_first() -> None:
    cache = Cache(most_bytes=100_000)
    for number in range(20):
        await cache.get(f"{number}", 60, _value(b"x" * 5000))
        assert cache.peek("0") is not None  # used each time
        assert cache.size <= 100_000
    assert cache.peek("1") is None
    assert cache.peek("19") is not None
    await cache.get("large", 60, _value(b"x" * 50_000))
    assert cache.peek("large") is None
    await cache.drop()
    assert cache.size == 0


async def test_what_has_ended_does_not_lie_about(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    cache = Cache()
    for number in range(100):
        await cache.get(f"{number}", 1, _value(b"x"))
    now += 2
    before = cache.size
    await cache.get("another", 1, _value(b"x"))
    assert cache.size < before / 50


async def test_who_wants_the_freshest_never_gets_what_began_before_they_came(maker: Maker) -> None:
    freshest = Freshest()
    first = asyncio.create_task(freshest.get("a", maker))
    await _waiting(first)
    assert maker.made == 1
    later = [asyncio.create_task(freshest.get("a", maker)) for _ in range(100)]
    await _waiting(first, *later)
    maker.go.set()
    assert await first == b"1"
    assert set(await asyncio.gather(*later)) == {b"2"}
    assert await freshest.get("a", maker) == b"3"


async def test_an_error_of_the_one_before_is_not_that_of_the_next(maker: Maker) -> None:
    freshest = Freshest()
    maker.error = LookupError()
    first = asyncio.create_task(freshest.get("a", maker))
    await _waiting(first)
    second = asyncio.create_task(freshest.get("a", _value(b"fine")))
    maker.go.set()
    assert isinstance((await asyncio.gather(first, return_exceptions=True))[0], LookupError)
    assert await second == b"fine"
