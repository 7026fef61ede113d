"""The connection to PostgreSQL ends at every message there is in a request: asked again with its key, it has one effect."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.engine import make_url

from tests.chaos.network import Direction, Network
from tests.chaos.parts import Server
from tests.people import Person

pytestmark = pytest.mark.xdist_group("faults")

MOST_MESSAGES = 30


@pytest.fixture(scope="module")
async def network(database: str, loop_of_the_run: None) -> AsyncIterator[tuple[Network, httpx.AsyncClient]]:
    """A server that reaches the database of this run through a network of its own."""
    url = make_url(database)
    between = Network(Path(str(url.query["host"])) / ".s.PGSQL.5432")
    server = Server(f"postgresql://artel@127.0.0.1:{await between.start()}/{url.database}")
    server.start()
    try:
        await server.ready()
        async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
            yield between, client
    finally:
        server.kill()
        await between.stop()


async def _until_settled(client: httpx.AsyncClient, path: str, order: Any, headers: dict[str, str]) -> httpx.Response:
    while True:
        answer = await client.post(path, json=order, headers=headers)
        assert answer.status_code != 500, answer.text
        if answer.status_code < 500:
            return answer


async def _cut_everywhere(
    network: tuple[Network, httpx.AsyncClient], direction: Direction, person: Person, path: str, order: Any
) -> list[httpx.Response]:
    """The request, once for each of its messages, which the connections do not survive; then again until it is answered."""
    between, client = network
    answers = []
    for number in range(1, MOST_MESSAGES):
        headers = {**person.auth, "Idempotency-Key": secrets.token_hex(8)}
        between.arm(direction, number)
        first = await client.post(path, json=order, headers=headers)
        struck = between.disarm()
        answers.append(await _until_settled(client, path, order, headers))
        if first.status_code < 500:
            assert first.json() == answers[-1].json()
        if not struck:
            assert number > 2, "the cut came at no message of the request"
            return answers
    raise AssertionError(f"more than {MOST_MESSAGES} messages")


DIRECTIONS: tuple[Direction, ...] = ("to the database", "from the database")


@pytest.mark.parametrize("direction", DIRECTIONS)
async def test_a_transfer_cut_off_anywhere_is_made_once(
    network: Any, ada: Person, bob: Person, direction: Direction
) -> None:
    hers, his = await ada.account(1000), await bob.account()
    order = {"from_account_id": hers, "to_account_id": his, "amount": 7, "currency": "EUR"}
    answers = await _cut_everywhere(network, direction, ada, "/v1/money/transfers", order)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == len(answers)
    assert await bob.balance(his) == 7 * len(answers)


@pytest.mark.parametrize("direction", DIRECTIONS)
async def test_a_batch_cut_off_anywhere_is_made_once(
    network: Any, ada: Person, bob: Person, direction: Direction
) -> None:
    hers, his = await ada.account(1000), await bob.account()
    item = {"from_account_id": hers, "to_account_id": his, "amount": 3, "currency": "EUR"}
    answers = await _cut_everywhere(network, direction, ada, "/v1/money/transfers/batch", {"transfers": [item] * 4})
    assert {(answer.status_code, answer.json()["posted"]) for answer in answers} == {(201, 4)}
    assert await bob.balance(his) == 12 * len(answers)


@pytest.mark.parametrize("direction", DIRECTIONS)
async def test_a_hold_cut_off_anywhere_is_placed_once(
    network: Any, ada: Person, bob: Person, direction: Direction
) -> None:
    hers, his = await ada.account(1000), await bob.account()
    order = {"account_id": hers, "payee_account_id": his, "amount": 5, "currency": "EUR"}
    answers = await _cut_everywhere(network, direction, ada, "/v1/money/holds", order)
    assert {answer.status_code for answer in answers} == {201}
    account = (await ada.get(f"/v1/money/accounts/{hers}")).json()
    assert (account["balance"], account["held"]) == (1000, 5 * len(answers))


@pytest.mark.parametrize("direction", DIRECTIONS)
async def test_a_refund_cut_off_anywhere_is_made_once(
    network: Any, ada: Person, bob: Person, direction: Direction
) -> None:
    hers, his = await ada.account(1000), await bob.account()
    order = {"from_account_id": hers, "to_account_id": his, "amount": 500, "currency": "EUR"}
    transfer = (await ada.post("/v1/money/transfers", order)).json()["id"]
    answers = await _cut_everywhere(network, direction, bob, f"/v1/money/transfers/{transfer}/refunds", {"amount": 2})
    assert {answer.status_code for answer in answers} == {201}
    assert await bob.balance(his) == 500 - 2 * len(answers)


@pytest.mark.parametrize("direction", DIRECTIONS)
async def test_a_refusal_cut_off_anywhere_is_a_refusal(
    network: Any, ada: Person, bob: Person, direction: Direction
) -> None:
    hers, his = await ada.account(1), await bob.account()
    order = {"from_account_id": hers, "to_account_id": his, "amount": 7, "currency": "EUR"}
    between, client = network
    headers = ada.key()
    between.arm(direction, 2)
    await client.post("/v1/money/transfers", json=order, headers=headers)
    between.disarm()
    refused = await _until_settled(client, "/v1/money/transfers", order, headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "InsufficientFunds")
    await ada.post("/v1/money/deposits", {"account_id": hers, "amount": 100, "currency": "EUR"})
    again = await _until_settled(client, "/v1/money/transfers", order, headers)
    assert (again.status_code, await bob.balance(his)) == (409, 0)
