import asyncio
import secrets
from typing import Any
from uuid import uuid4

import pytest

from tests.people import Person

TRANSFERS = "/v1/money/transfers"
LARGEST = 2**53 - 1


def order(source: str, target: str, amount: Any, currency: str = "EUR", **other: Any) -> dict[str, Any]:
    return {"from_account_id": source, "to_account_id": target, "amount": amount, "currency": currency, **other}


@pytest.fixture
async def hers(ada: Person) -> str:
    return await ada.account(500)


@pytest.fixture
async def his(bob: Person) -> str:
    return await bob.account()


async def test_a_transfer_moves_exactly_its_amount(ada: Person, bob: Person, hers: str, his: str) -> None:
    made = await ada.post(TRANSFERS, order(hers, his, 120, description="Обед"))
    assert made.status_code == 201
    assert made.json()["balance_after"] == 380
    assert (await ada.balance(hers), await bob.balance(his)) == (380, 120)
    entry = (await bob.get(f"/v1/money/accounts/{his}/entries")).json()["items"][0]
    assert (entry["amount"], entry["counterparty_account_id"], entry["description"]) == (120, hers, "Обед")


async def test_each_side_reads_the_transfer_with_its_own_balance_and_nobody_else_does(
    ada: Person, bob: Person, hers: str, his: str, people: Any
) -> None:
    transfer = (await ada.post(TRANSFERS, order(hers, his, 120))).json()["id"]
    assert (await ada.get(f"{TRANSFERS}/{transfer}")).json()["balance_after"] == 380
    assert (await bob.get(f"{TRANSFERS}/{transfer}")).json()["balance_after"] == 120
    eve = await people.person("Eve")
    assert (await eve.get(f"{TRANSFERS}/{transfer}")).status_code == 404


async def test_a_transfer_above_the_balance_changes_nothing(ada: Person, bob: Person, hers: str, his: str) -> None:
    refused = await ada.post(TRANSFERS, order(hers, his, 501))
    assert (refused.status_code, refused.json()["code"]) == (409, "InsufficientFunds")
    assert (await ada.balance(hers), await bob.balance(his)) == (500, 0)


async def test_a_refusal_stays_a_refusal_when_the_money_has_come(ada: Person, hers: str, his: str) -> None:
    assert (await ada.post(TRANSFERS, order(hers, his, 501), "k")).status_code == 409
    await ada.post("/v1/money/deposits", {"account_id": hers, "amount": 1000, "currency": "EUR"})
    again = await ada.post(TRANSFERS, order(hers, his, 501), "k")
    assert (again.status_code, again.headers["idempotent-replayed"]) == (409, "true")
    assert (await ada.post(TRANSFERS, order(hers, his, 501), "k2")).status_code == 201


async def test_a_retry_gets_the_first_answer_and_moves_nothing(ada: Person, bob: Person, hers: str, his: str) -> None:
    first = await ada.post(TRANSFERS, order(hers, his, 50), "k")
    await ada.post(TRANSFERS, order(hers, his, 50), "another")
    again = await ada.post(TRANSFERS, order(hers, his, 50), "k")
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert await bob.balance(his) == 100


async def test_a_key_stands_for_one_request_of_one_person(ada: Person, bob: Person, hers: str, his: str) -> None:
    key = secrets.token_hex(4)
    assert (await ada.post(TRANSFERS, order(hers, his, 50), key)).status_code == 201
    other = await ada.post(TRANSFERS, order(hers, his, 51), key)
    assert (other.status_code, other.json()["code"]) == (422, "IdempotencyKeyReused")
    deposit = await ada.post("/v1/money/deposits", {"account_id": hers, "amount": 50, "currency": "EUR"}, key)
    assert deposit.json()["code"] == "IdempotencyKeyReused"
    assert (await bob.post(TRANSFERS, order(his, hers, 50), key)).status_code == 201


@pytest.mark.parametrize("key", [None, "", " ", "x" * 201])
async def test_moving_money_needs_an_idempotency_key(ada: Person, hers: str, his: str, key: str | None) -> None:
    headers = ada.auth if key is None else {**ada.auth, "Idempotency-Key": key}
    answer = await ada.client.post(TRANSFERS, json=order(hers, his, 1), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "IdempotencyKeyMissing")


@pytest.mark.parametrize("amount", [0, -1, 1.5, 1.0, "1", True, None, LARGEST + 1, 1e400])
async def test_an_amount_is_a_positive_integer(ada: Person, hers: str, his: str, amount: Any) -> None:
    import json

    body = json.dumps(order(hers, his, amount)).encode()
    headers = {**ada.key(), "Content-Type": "application/json"}
    assert (await ada.client.post(TRANSFERS, content=body, headers=headers)).status_code == 422
    assert await ada.balance(hers) == 500


async def test_only_ones_own_money_can_be_sent(ada: Person, bob: Person, hers: str, his: str) -> None:
    refused = await bob.post(TRANSFERS, order(hers, his, 1))
    assert (refused.status_code, refused.json()["code"]) == (404, "AccountNotFound")
    nowhere = await ada.post(TRANSFERS, order(hers, str(uuid4()), 1))
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "RecipientNotFound")


async def test_artels_own_accounts_take_no_transfers(ada: Person, hers: str, owner_connection: Any) -> None:
    owner_connection.execute("SET ROLE artel_owner")
    clearing = owner_connection.execute("SELECT id FROM money.accounts WHERE code = 'clearing:sandbox:EUR'").fetchone()
    assert (await ada.post(TRANSFERS, order(hers, str(clearing[0]), 1))).json()["code"] == "RecipientNotFound"


async def test_a_transfer_to_itself_is_refused(ada: Person, hers: str) -> None:
    assert (await ada.post(TRANSFERS, order(hers, hers, 1))).json()["code"] == "SameAccount"
    assert await ada.balance(hers) == 500


async def test_currencies_do_not_mix(ada: Person, bob: Person, hers: str) -> None:
    dollars = await bob.account(currency="USD")
    for currency in ("EUR", "USD"):
        answer = await ada.post(TRANSFERS, order(hers, dollars, 1, currency))
        assert (answer.status_code, answer.json()["code"]) == (409, "CurrencyMismatch")


async def test_a_balance_never_passes_what_json_can_carry(ada: Person, bob: Person) -> None:
    """In a currency of this test's own: when it is folded, the clearing account of that currency is full too."""
    full, more = await ada.account(LARGEST, "XPF"), await bob.account(1, "XPF")
    assert (await ada.balance(full)) == LARGEST
    assert (await bob.post(TRANSFERS, order(more, full, 1, "XPF"))).json()["code"] == "BalanceTooLarge"
    deposit = {"account_id": full, "amount": 1, "currency": "XPF"}
    assert (await ada.post("/v1/money/deposits", deposit)).json()["code"] == "BalanceTooLarge"


async def test_32_tasks_with_one_key_post_once_and_get_one_answer(
    ada: Person, bob: Person, hers: str, his: str
) -> None:
    answers = await asyncio.gather(*(ada.post(TRANSFERS, order(hers, his, 100), "k") for _ in range(32)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert await bob.balance(his) == 100


async def test_20_withdrawals_of_5_succeed_exactly_5_times(ada: Person, bob: Person, hers: str, his: str) -> None:
    answers = await asyncio.gather(*(ada.post(TRANSFERS, order(hers, his, 100)) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 15
    assert (await ada.balance(hers), await bob.balance(his)) == (0, 500)


async def test_opposite_transfers_never_deadlock(ada: Person, bob: Person, hers: str) -> None:
    his = await bob.account(500)
    there = (ada.post(TRANSFERS, order(hers, his, 1)) for _ in range(25))
    back = (bob.post(TRANSFERS, order(his, hers, 1)) for _ in range(25))
    answers = await asyncio.gather(*there, *back)
    assert {answer.status_code for answer in answers} == {201}
    assert (await ada.balance(hers), await bob.balance(his)) == (500, 500)
