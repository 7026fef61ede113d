"""Several processes on one ledger: what may happen once happens once, whoever is asked, and nobody waits in a circle."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import pytest
from httpx import AsyncClient, Response, codes

from tests.money.administrators import administrator
from tests.people import People, Person
from tests.servers import PROCESSES, clients_of, servers_of, statuses

pytestmark = pytest.mark.xdist_group("money_concurrency")

TRANSFERS, HOLDS = "/v1/money/transfers", "/v1/money/holds"


@pytest.fixture(scope="module")
def urls(environment: None) -> Iterator[list[str]]:
    with servers_of("money") as found:
        yield found


@pytest.fixture
async def servers(urls: list[str]) -> AsyncIterator[list[AsyncClient]]:
    async with clients_of(urls) as made:
        yield made


type Asked = tuple[Person, str, Any, str | None]
"""Who posts what where, and under which key; None: one of its own."""


async def _all_at_once(servers: list[AsyncClient], asked: list[Asked]) -> list[Response]:
    """In turn to each server. Whom a busy machine tells to come again does, under the same key."""
    turns = itertools.cycle(servers)

    async def ask(server: AsyncClient, path: str, order: Any, headers: dict[str, str]) -> Response:
        for _ in range(10):
            answer = await server.post(path, json=order, headers=headers)
            if answer.status_code != codes.SERVICE_UNAVAILABLE:
                break
            await asyncio.sleep(0.5)
        return answer

    return await asyncio.gather(*(ask(next(turns), path, order, who.key(key)) for who, path, order, key in asked))


def _codes(answers: list[Response]) -> Counter[str]:
    return Counter(answer.json().get("code", "done") for answer in answers)


def _order(source: str, target: str, amount: int) -> dict[str, Any]:
    return {"from_account_id": source, "to_account_id": target, "amount": amount, "currency": "EUR"}


@pytest.fixture
async def hers(ada: Person) -> str:
    return await ada.account(500)


@pytest.fixture
async def his(bob: Person) -> str:
    return await bob.account()


async def _transfer(ada: Person, hers: str, his: str, amount: int) -> str:
    made = await ada.post(TRANSFERS, _order(hers, his, amount))
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def _hold(ada: Person, hers: str, his: str, amount: int) -> str:
    order = {"account_id": hers, "payee_account_id": his, "amount": amount, "currency": "EUR"}
    made = await ada.post(HOLDS, order)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def test_32_tasks_on_one_key_post_once_and_get_one_answer(
    servers: list[AsyncClient], ada: Person, bob: Person, hers: str, his: str
) -> None:
    answers = await _all_at_once(servers, [(ada, TRANSFERS, _order(hers, his, 100), "one")] * 32)
    assert statuses(answers) == {201: 32}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert (await ada.balance(hers), await bob.balance(his)) == (400, 100)


async def test_32_batches_on_one_key_are_one_batch(
    servers: list[AsyncClient], ada: Person, bob: Person, hers: str, his: str
) -> None:
    order = {"transfers": [_order(hers, his, amount) for amount in (10, 20, 30)]}
    answers = await _all_at_once(servers, [(ada, f"{TRANSFERS}/batch", order, "one")] * 32)
    assert statuses(answers) == {201: 32}
    assert len({answer.content for answer in answers}) == 1
    assert (await ada.balance(hers), await bob.balance(his)) == (440, 60)


async def test_of_32_captures_of_a_hold_one_takes_it(
    servers: list[AsyncClient], ada: Person, bob: Person, hers: str, his: str
) -> None:
    path = f"{HOLDS}/{await _hold(ada, hers, his, 300)}/capture"
    orders: list[Asked] = [(bob if n % 2 else ada, path, {"amount": 200 + n}, None) for n in range(32)]
    answers = await _all_at_once(servers, orders)
    assert _codes(answers) == {"done": 1, "HoldResolved": 31}
    (winner,) = (answer.json() for answer in answers if answer.status_code == 200)
    account = (await ada.get(f"/v1/money/accounts/{hers}")).json()
    assert (account["balance"], account["held"]) == (500 - winner["captured"], 0)
    assert await bob.balance(his) == winner["captured"]


async def test_of_32_refunds_of_the_whole_one_is_made(
    servers: list[AsyncClient], ada: Person, bob: Person, hers: str, his: str
) -> None:
    path = f"{TRANSFERS}/{await _transfer(ada, hers, his, 300)}/refunds"
    await ada.post(TRANSFERS, _order(hers, his, 200))  # so that there would be enough for two
    answers = await _all_at_once(servers, [(bob, path, {"amount": 300}, None)] * 32)
    assert _codes(answers) == {"done": 1, "RefundTooLarge": 31}
    assert (await ada.balance(hers), await bob.balance(his)) == (300, 200)


async def test_of_refunds_in_parts_as_many_are_made_as_there_are_parts(
    servers: list[AsyncClient], ada: Person, bob: Person, hers: str, his: str
) -> None:
    path = f"{TRANSFERS}/{await _transfer(ada, hers, his, 100)}/refunds"
    await ada.post(TRANSFERS, _order(hers, his, 400))
    answers = await _all_at_once(servers, [(bob, path, {"amount": 15}, None)] * 32)
    assert _codes(answers) == {"done": 6, "RefundTooLarge": 26}
    assert await bob.balance(his) == 500 - 6 * 15


async def test_of_32_reversals_one_is_made(
    servers: list[AsyncClient], ada: Person, bob: Person, hers: str, his: str, people: People
) -> None:
    transfer = await _transfer(ada, hers, his, 100)
    await ada.post(TRANSFERS, _order(hers, his, 400))
    root = await administrator(people)
    mine: list[Asked] = [(bob, f"{TRANSFERS}/{transfer}/reverse", {}, None)] * 16
    theirs: list[Asked] = [(root, f"/v1/money/admin/transfers/{transfer}/reverse", {"reason": "A mistake"}, None)] * 16
    answers = await _all_at_once(servers, [each for pair in zip(mine, theirs, strict=True) for each in pair])
    assert _codes(answers) == {"done": 1, "AlreadyReversed": 31}
    assert (await ada.balance(hers), await bob.balance(his)) == (100, 400)


async def test_a_transfer_is_refunded_or_reversed_and_not_both(
    servers: list[AsyncClient], ada: Person, bob: Person, hers: str, his: str
) -> None:
    for _ in range(4):
        path = f"{TRANSFERS}/{await _transfer(ada, hers, his, 100)}"
        refunds: list[Asked] = [(bob, f"{path}/refunds", {}, None)] * 8
        reversals: list[Asked] = [(bob, f"{path}/reverse", {}, None)] * 8
        answers = await _all_at_once(servers, [each for pair in zip(refunds, reversals, strict=True) for each in pair])
        assert _codes(answers)["done"] == 1
    assert (await ada.balance(hers), await bob.balance(his)) == (500, 0)


async def test_a_hold_is_captured_or_voided_or_expires(
    servers: list[AsyncClient], ada: Person, bob: Person, hers: str, his: str, owner_connection: psycopg.Connection
) -> None:
    owner_connection.execute("SET ROLE artel_owner")
    expire = "UPDATE money.holds SET expires_at = clock_timestamp() WHERE id = %s"

    async def over(hold: str) -> None:
        await asyncio.to_thread(owner_connection.execute, expire, [hold])
        await asyncio.to_thread(owner_connection.execute, "SELECT money.sweep_holds()")

    ends = Counter[str]()
    for _ in range(8):
        before = await bob.balance(his)
        hold = await _hold(ada, hers, his, 50)
        captures: list[Asked] = [(bob, f"{HOLDS}/{hold}/capture", {}, None)] * 6
        voids: list[Asked] = [(bob, f"{HOLDS}/{hold}/void", {}, None)] * 6
        asked = [each for pair in zip(captures, voids, strict=True) for each in pair]
        random.shuffle(asked)
        answers, _ = await asyncio.gather(_all_at_once(servers, asked), over(hold))
        read = (await ada.get(f"{HOLDS}/{hold}")).json()
        ends[read["status"]] += 1
        assert _codes(answers)["done"] == (0 if read["status"] == "expired" else 1)
        account = (await ada.get(f"/v1/money/accounts/{hers}")).json()
        assert account["held"] == 0
        assert await bob.balance(his) - before == (50 if read["status"] == "captured" else 0)
    assert set(ends) <= {"captured", "voided", "expired"}


async def test_of_n_withdrawals_of_a_balance_for_m_exactly_m_succeed(
    servers: list[AsyncClient], ada: Person, bob: Person, hers: str, his: str
) -> None:
    answers = await _all_at_once(servers, [(ada, TRANSFERS, _order(hers, his, 70), None) for _ in range(60)])
    assert _codes(answers) == {"done": 7, "InsufficientFunds": 53}
    assert (await ada.balance(hers), await bob.balance(his)) == (10, 490)


async def test_of_n_promises_of_a_balance_for_m_exactly_m_are_made(
    servers: list[AsyncClient], ada: Person, bob: Person, hers: str, his: str
) -> None:
    """Holds and transfers draw on the same money."""
    hold = {"account_id": hers, "payee_account_id": his, "amount": 70, "currency": "EUR"}
    asked: list[Asked] = [
        (ada, HOLDS, hold, None) if n % 2 else (ada, TRANSFERS, _order(hers, his, 70), None) for n in range(40)
    ]
    answers = await _all_at_once(servers, asked)
    assert _codes(answers) == {"done": 7, "InsufficientFunds": 33}
    account = (await ada.get(f"/v1/money/accounts/{hers}")).json()
    assert (account["available"], account["held"] + await bob.balance(his)) == (10, 490)


async def test_opposite_transfers_over_pairs_and_rings_never_wait_in_a_circle(
    servers: list[AsyncClient], people: People
) -> None:
    owners = [await people.person(f"Member{n}") for n in range(5)]
    ring = [(owner, await owner.account(10_000)) for owner in owners]
    asked: list[Asked] = []
    for (owner, account), (neighbour, other) in zip(ring, [*ring[1:], ring[0]], strict=True):
        asked += [(owner, TRANSFERS, _order(account, other, 1), None)] * 15
        asked += [(neighbour, TRANSFERS, _order(other, account, 1), None)] * 15
    for owner, account in ring:
        others = [other for _, other in ring if other != account]
        for way in (others, list(reversed(others))):
            batch = {"transfers": [_order(account, other, 1) for other in way]}
            asked += [(owner, f"{TRANSFERS}/batch", batch, None)] * 5
    for payer, payee in itertools.permutations(ring, 2):
        hold = await _hold(payer[0], payer[1], payee[1], 3)
        asked.append((payee[0], f"{HOLDS}/{hold}/capture", {}, None))
        sent = await _transfer(payer[0], payer[1], payee[1], 3)
        asked.append((payee[0], f"{TRANSFERS}/{sent}/refunds", {}, None))
    random.shuffle(asked)
    answers = await _all_at_once(servers, asked)
    assert set(statuses(answers)) == {200, 201}, _codes(answers)
    # All that was sent one way was sent the other way too.
    assert {await owner.balance(account) for owner, account in ring} == {10_000}


async def test_a_hot_account_is_paid_while_it_is_folded_spent_from_and_frozen(
    servers: list[AsyncClient], people: People, bob: Person, his: str, owner_connection: psycopg.Connection
) -> None:
    owner_connection.execute("SET ROLE artel_owner")
    root = await administrator(people)
    account = f"/v1/money/admin/accounts/{his}"
    hot = {"hot": True, "reason": "A shop"}
    assert (await root.client.patch(account, json=hot, headers=root.auth)).status_code == 200
    payers = [await people.person(f"Payer{n}") for n in range(8)]
    purses = [await payer.account(1000) for payer in payers]
    elsewhere = await bob.account()
    pays: list[Asked] = [(payers[n % 8], TRANSFERS, _order(purses[n % 8], his, 1 + n % 7), None) for n in range(200)]
    spends: list[Asked] = [(bob, TRANSFERS, _order(his, elsewhere, 2), None)] * 30
    orders: list[Asked] = [(root, f"{account}/{what}", {"reason": "A test"}, None) for what in ("freeze", "unfreeze")]
    asked = [*pays, *spends, *orders * 5]
    random.shuffle(asked)

    async def fold() -> None:
        for _ in range(30):
            await asyncio.to_thread(owner_connection.execute, "SELECT money.fold_all()")

    answers, _ = await asyncio.gather(_all_at_once(servers, asked), fold())
    outcomes = list(zip(asked, answers, strict=True))
    assert {answer.status_code for (who, *_), answer in outcomes if who in payers} == {201}
    spent = [answer for (who, *_), answer in outcomes if who is bob]
    assert set(_codes(spent)) <= {"done", "AccountFrozen", "InsufficientFunds"}
    out = 2 * _codes(spent)["done"]
    came = sum(order["amount"] for who, _, order, _ in pays)
    assert (await bob.balance(his), await bob.balance(elsewhere)) == (came - out, out)
    assert sum([await payer.balance(purse) for payer, purse in zip(payers, purses, strict=True)]) == 8000 - came
    history = (await bob.get(f"/v1/money/accounts/{his}/entries", params={"limit": 1})).json()["items"]
    assert (history[0]["id"], history[0]["balance_after"]) == (str(len(pays) + _codes(spent)["done"]), came - out)


async def test_a_hot_account_that_is_closed_has_taken_nothing(
    servers: list[AsyncClient], people: People, ada: Person, bob: Person, hers: str
) -> None:
    root = await administrator(people)
    for _ in range(4):
        his = await bob.account()
        settings = {"hot": True, "reason": "A shop"}
        await root.client.patch(f"/v1/money/admin/accounts/{his}", json=settings, headers=root.auth)
        pays: list[Asked] = [(ada, TRANSFERS, _order(hers, his, 1), None)] * (6 * PROCESSES)
        closes: list[Asked] = [(bob, f"/v1/money/accounts/{his}/close", None, None)] * PROCESSES
        asked = [*pays, *closes]
        random.shuffle(asked)
        answers = await _all_at_once(servers, asked)
        paid = [answer for (who, *_), answer in zip(asked, answers, strict=True) if who is ada]
        account = (await bob.get(f"/v1/money/accounts/{his}")).json()
        assert account["balance"] == _codes(paid)["done"]
        assert set(_codes(paid)) <= {"done", "RecipientNotFound"}
        assert account["status"] == ("closed" if account["balance"] == 0 else "open")
        if account["status"] == "closed":
            assert set(_codes(paid)) == {"RecipientNotFound"}
