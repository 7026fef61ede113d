import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from common import crowds
from common.errors import ServiceUnavailable
from common.gathering import Gathered


class Asked:
    """What is asked together: doubles numbers, when it is let; fails for whatever stands in `bad`."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.bad: dict[int, BaseException] = {}
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, items: Sequence[int]) -> Sequence[int | Exception]:
        self.calls.append(list(items))
        await self.gate.wait()
        for item in items:
            if item in self.bad:
                raise self.bad[item]
        return [2 * item for item in items]


async def _begun(*numbers: int, gathered: Gathered[int, int]) -> list[asyncio.Task[int]]:
    tasks = [asyncio.ensure_future(gathered(number)) for number in numbers]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_one_alone_waits_for_no_company() -> None:
    asked = Asked()
    assert await Gathered(asked, most=10, at_once=1)(4) == 8
    assert asked.calls == [[4]]


async def test_each_caller_gets_the_result_of_its_own_item() -> None:
    asked = Asked()
    gathered = Gathered(asked, most=7, at_once=2)
    assert await asyncio.gather(*(gathered(n) for n in range(100))) == [2 * n for n in range(100)]
    assert sorted(n for call in asked.calls for n in call) == list(range(100))
    assert max(len(call) for call in asked.calls) == 7


async def test_what_comes_while_calls_are_under_way_goes_together_with_the_next() -> None:
    asked = Asked()
    asked.gate.clear()
    gathered = Gathered(asked, most=10, at_once=2)
    tasks = await _begun(1, gathered=gathered)
    tasks += await _begun(2, gathered=gathered)
    tasks += await _begun(3, 4, 5, gathered=gathered)
    assert asked.calls == [[1], [2]]
    asked.gate.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6, 8, 10]
    assert asked.calls == [[1], [2], [3, 4, 5]]


async def test_who_is_cancelled_harms_nobody_else() -> None:
    asked = Asked()
    asked.gate.clear()
    gathered = Gathered(asked, most=10, at_once=1)
    # The first began the work; one that waits goes too, and one that is under way with it.
    first, second, third = await _begun(1, 2, 3, gathered=gathered)
    for task in (first, second):
        task.cancel()
    await asyncio.sleep(0)
    asked.gate.set()
    assert await third == 6
    assert first.cancelled()
    assert second.cancelled()
    assert await gathered(4) == 8


async def test_a_batch_that_fails_is_tried_one_by_one() -> None:
    asked = Asked()
    asked.bad = {3: ValueError("three")}
    asked.gate.clear()
    gathered = Gathered(asked, most=10, at_once=1)
    tasks = await _begun(1, 2, 3, 4, gathered=gathered)
    asked.gate.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert outcomes[:2] + outcomes[3:] == [2, 4, 8]
    assert outcomes[2] is asked.bad[3]
    assert asked.calls == [[1, 2, 3, 4], [1], [2], [3], [4]]


@pytest.mark.parametrize("away", [ServiceUnavailable(), PoolTimeout("nobody answers")])
async def test_when_nobody_could_be_asked_nobody_is_asked_again_for_each(away: Exception) -> None:
    asked = Asked()
    asked.bad = {1: away}
    outcomes = await asyncio.gather(*(Gathered(asked, most=10, at_once=1)(n) for n in (1,)), return_exceptions=True)
    assert outcomes == [away]
    gathered = Gathered(asked, most=10, at_once=1)
    outcomes = await asyncio.gather(*(gathered(n) for n in (1, 2, 3)), return_exceptions=True)
    assert outcomes == [away] * 3
    assert asked.calls[1:] == [[1, 2, 3]]


async def test_a_result_may_be_an_error_for_one() -> None:
    problem = ValueError("odd")

    async def run(items: Sequence[int]) -> Sequence[int | Exception]:
        return [problem if item % 2 else item for item in items]

    gathered = Gathered(run, most=10, at_once=1)
    assert await asyncio.gather(*(gathered(n) for n in (1, 2, 4)), return_exceptions=True) == [problem, 2, 4]


async def test_the_end_of_everything_reaches_who_waits_and_not_who_comes_later() -> None:
    asked = Asked()
    asked.bad = {1: asyncio.CancelledError()}
    gathered = Gathered(asked, most=10, at_once=1)
    outcomes = await asyncio.gather(*(gathered(n) for n in (1, 2)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 2
    assert await gathered(3) == 6


async def test_too_few_results_are_an_error_and_leave_nobody_waiting() -> None:
    async def run(items: Sequence[int]) -> Sequence[int | Exception]:
        return list(items)[1:]

    gathered = Gathered(run, most=10, at_once=1)
    outcomes = await asyncio.gather(*(gathered(n) for n in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [RuntimeError] * 3


async def test_a_crowd_is_told_to_come_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowds, "MOST_WAITING", 3)
    asked = Asked()
    asked.gate.clear()
    gathered = Gathered(asked, most=10, at_once=1)
    tasks = await _begun(0, gathered=gathered)  # on its way, and no longer waiting
    tasks += await _begun(1, 2, 3, gathered=gathered)
    with pytest.raises(ServiceUnavailable) as refused:
        await gathered(4)
    assert refused.value.response_headers["Retry-After"]
    asked.gate.set()
    assert await asyncio.gather(*tasks) == [0, 2, 4, 6]
    assert await gathered(4) == 8
