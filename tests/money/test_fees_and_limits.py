"""Each test of a fee has a currency of its own: rules are everybody's."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.money.parties import Sql
from tests.people import Person

TRANSFERS, HOLDS = "/v1/money/transfers", "/v1/money/holds"
FEES, LIMITS = "/v1/money/admin/fee-rules", "/v1/money/admin/limits"

type SetFee = Callable[..., Awaitable[str]]


def order(source: str, target: str, amount: Any, currency: str) -> dict[str, Any]:
    return {"from_account_id": source, "to_account_id": target, "amount": amount, "currency": currency}


@pytest.fixture
async def set_fee(boss: Person) -> AsyncIterator[SetFee]:
    made = []

    async def put(operation: str, currency: str, **rule: Any) -> str:
        body = {"operation": operation, "currency": currency, "reason": "A test", **rule}
        answer = await boss.client.put(FEES, json=body, headers=boss.auth)
        assert answer.status_code == 200, answer.text
        made.append(str(answer.json()["id"]))
        return made[-1]

    yield put
    for rule in made:
        await boss.post(f"{FEES}/{rule}/end", {"reason": "Over"})


@pytest.fixture
async def set_limit(boss: Person) -> AsyncIterator[SetFee]:
    made = set()

    async def put(currency: str, **limit: Any) -> str:
        body = {"currency": currency, "reason": "A test", **limit}
        answer = await boss.client.put(LIMITS, json=body, headers=boss.auth)
        assert answer.status_code == 200, answer.text
        made.add(str(answer.json()["id"]))
        return str(answer.json()["id"])

    yield put
    for limit in made:
        await boss.post(f"{LIMITS}/{limit}/remove", {"reason": "Over"})


def _fees(sql: Sql, currency: str) -> int:
    rows = sql("SELECT balance FROM money.standing WHERE code = %s", f"fees:{currency}")
    return int(rows[0][0]) if rows else 0


@pytest.mark.parametrize(
    ("rule", "amount", "fee"),
    [
        ({"flat": 30}, 1000, 30),
        ({"rate": "0.015"}, 1000, 15),
        ({"rate": "0.015"}, 1001, 16),  # 15.015, rounded in the house's favour
        ({"rate": "0.000001"}, 1, 1),
        ({"rate": "0.01", "minimum": 25}, 1000, 25),
        ({"rate": "0.01", "maximum": 5}, 1000, 5),
        ({"flat": 10, "rate": "0.01"}, 1000, 20),
        ({"flat": 10, "maximum": 0}, 1000, 0),
    ],
)
async def test_a_fee_is_taken_on_top_and_rounded_up(
    ada: Person, bob: Person, set_fee: SetFee, sql: Sql, rule: dict[str, Any], amount: int, fee: int
) -> None:
    hers, his = await ada.account(5000, "SEK"), await bob.account(currency="SEK")
    await set_fee("transfer", "SEK", **rule)
    before = _fees(sql, "SEK")
    trial = await ada.post(TRANSFERS, {**order(hers, his, amount, "SEK"), "dry_run": True})
    assert (trial.status_code, trial.json()["fee"]) == (200, fee)
    made = (await ada.post(TRANSFERS, order(hers, his, amount, "SEK"))).json()
    assert (made["amount"], made["fee"], made["balance_after"]) == (amount, fee, 5000 - amount - fee)
    assert (await ada.balance(hers), await bob.balance(his)) == (5000 - amount - fee, amount)
    assert _fees(sql, "SEK") - before == fee
    seen_by_him = (await bob.get(f"{TRANSFERS}/{made['id']}")).json()
    assert (seen_by_him["amount"], seen_by_him["fee"]) == (amount, 0)


async def test_there_must_be_enough_for_the_fee_too(ada: Person, bob: Person, set_fee: SetFee) -> None:
    hers, his = await ada.account(100, "NOK"), await bob.account(currency="NOK")
    await set_fee("transfer", "NOK", flat=1)
    assert (await ada.post(TRANSFERS, order(hers, his, 100, "NOK"))).json()["code"] == "InsufficientFunds"
    assert (await ada.post(TRANSFERS, order(hers, his, 99, "NOK"))).status_code == 201
    assert (await ada.balance(hers), await bob.balance(his)) == (0, 99)


async def test_a_refund_keeps_the_fee_and_a_reversal_gives_it_back(
    ada: Person, bob: Person, set_fee: SetFee, sql: Sql
) -> None:
    hers, his = await ada.account(1000, "DKK"), await bob.account(currency="DKK")
    await set_fee("transfer", "DKK", flat=10)
    before = _fees(sql, "DKK")
    for what, left, kept in (("refunds", 990, 10), ("reverse", 990, 10)):
        sent = (await ada.post(TRANSFERS, order(hers, his, 100, "DKK"))).json()["id"]
        assert (await bob.post(f"{TRANSFERS}/{sent}/{what}", {})).status_code == 201
        assert (await ada.balance(hers), _fees(sql, "DKK") - before) == (left, kept)


async def test_who_captures_pays_the_fee_and_always_gets_something(
    ada: Person, bob: Person, set_fee: SetFee, sql: Sql
) -> None:
    hers, his = await ada.account(1000, "PLN"), await bob.account(currency="PLN")
    await set_fee("capture", "PLN", flat=20)
    before = _fees(sql, "PLN")
    for amount, got in ((100, 80), (10, 1), (1, 1)):
        body = {"account_id": hers, "payee_account_id": his, "amount": amount, "currency": "PLN"}
        hold = (await ada.post(HOLDS, body)).json()["id"]
        had, he_had = await ada.balance(hers), await bob.balance(his)
        captured = (await bob.post(f"{HOLDS}/{hold}/capture", {})).json()
        assert captured["captured"] == amount
        assert (had - await ada.balance(hers), await bob.balance(his) - he_had) == (amount, got)
        transfer = (await bob.get(f"{TRANSFERS}/{captured['transfer_id']}")).json()
        assert (transfer["amount"], transfer["fee"]) == (amount, amount - got)
    assert _fees(sql, "PLN") - before == 20 + 9 + 0


async def test_a_new_rule_takes_the_place_of_the_old_and_an_ended_one_takes_nothing(
    ada: Person, bob: Person, boss: Person, set_fee: SetFee
) -> None:
    hers, his = await ada.account(1000, "CZK"), await bob.account(currency="CZK")
    first, second = await set_fee("transfer", "CZK", flat=5), await set_fee("transfer", "CZK", flat=7)
    listed = [rule["id"] for rule in (await boss.get(FEES)).json()["items"] if rule["currency"] == "CZK"]
    assert listed == [second]
    assert (await ada.post(TRANSFERS, order(hers, his, 10, "CZK"))).json()["fee"] == 7
    assert (await boss.post(f"{FEES}/{second}/end", {"reason": "A gift"})).status_code == 204
    for rule in (first, second, str(uuid4())):
        assert (await boss.post(f"{FEES}/{rule}/end", {"reason": "Again"})).json()["code"] == "FeeRuleNotFound"
    assert (await ada.post(TRANSFERS, order(hers, his, 10, "CZK"))).json()["fee"] == 0


async def test_a_rule_must_make_sense(boss: Person) -> None:
    for rule in ({"minimum": 5, "maximum": 4}, {"rate": "1"}, {"rate": "-0.1"}, {"rate": "NaN"}, {"flat": -1}):
        body = {"operation": "transfer", "currency": "HUF", "reason": "A test", **rule}
        assert (await boss.client.put(FEES, json=body, headers=boss.auth)).status_code == 422
    body = {"operation": "transfer", "currency": "ZZZ", "reason": "A test"}
    assert (await boss.client.put(FEES, json=body, headers=boss.auth)).json()["code"] == "UnknownCurrency"


async def test_what_is_sent_in_a_day_is_limited_and_what_was_refused_does_not_count(
    ada: Person, bob: Person, set_limit: SetFee
) -> None:
    hers, his = await ada.account(1000), await bob.account()
    await set_limit("EUR", owner_id=str(ada.id), per_operation=300, per_day=500)
    assert (await ada.post(TRANSFERS, order(hers, his, 301, "EUR"))).json()["code"] == "LimitExceeded"
    for amount in (300, 199):
        assert (await ada.post(TRANSFERS, order(hers, his, amount, "EUR"))).status_code == 201
    for _ in range(3):
        assert (await ada.post(TRANSFERS, order(hers, str(uuid4()), 1, "EUR"))).json()["code"] == "RecipientNotFound"
    assert (await ada.post(TRANSFERS, order(hers, his, 2, "EUR"))).json()["code"] == "LimitExceeded"
    trial = await ada.post(TRANSFERS, {**order(hers, his, 1, "EUR"), "dry_run": True})
    assert trial.status_code == 200
    assert (await ada.post(TRANSFERS, order(hers, his, 1, "EUR"))).status_code == 201
    refused = await ada.post(TRANSFERS, {**order(hers, his, 1, "EUR"), "dry_run": True})
    assert refused.json()["code"] == "LimitExceeded"
    assert await bob.balance(his) == 500


async def test_promises_and_batches_count_too(ada: Person, bob: Person, set_limit: SetFee) -> None:
    hers, his = await ada.account(1000), await bob.account()
    await set_limit("EUR", owner_id=str(ada.id), per_day=100)
    hold = {"account_id": hers, "payee_account_id": his, "amount": 60, "currency": "EUR"}
    assert (await ada.post(HOLDS, hold)).status_code == 201
    assert (await ada.post(HOLDS, hold)).json()["code"] == "LimitExceeded"
    batch = {"atomic": False, "transfers": [order(hers, his, 30, "EUR")] * 2}
    results = (await ada.post(f"{TRANSFERS}/batch", batch)).json()["results"]
    assert [result["refused"] for result in results] == [None, "LimitExceeded"]
    all_of_it = {"transfers": [order(hers, his, 10, "EUR"), order(hers, his, 1, "EUR")]}
    assert (await ada.post(f"{TRANSFERS}/batch", all_of_it)).json()["posted"] == 0
    # None of it was sent, so none of it counts.
    assert (await ada.post(TRANSFERS, order(hers, his, 10, "EUR"))).status_code == 201


async def test_a_limit_of_ones_own_goes_before_everybodys(
    ada: Person, bob: Person, boss: Person, set_limit: SetFee
) -> None:
    hers, his = await ada.account(1000, "RON"), await bob.account(1000, "RON")
    everybodys = await set_limit("RON", per_operation=10)
    await set_limit("RON", owner_id=str(ada.id))
    assert (await ada.post(TRANSFERS, order(hers, his, 500, "RON"))).status_code == 201
    assert (await bob.post(TRANSFERS, order(his, hers, 11, "RON"))).json()["code"] == "LimitExceeded"
    assert (await boss.post(f"{LIMITS}/{everybodys}/remove", {"reason": "Enough"})).status_code == 204
    assert (await boss.post(f"{LIMITS}/{everybodys}/remove", {"reason": "Enough"})).json()["code"] == "LimitNotFound"
    assert (await bob.post(TRANSFERS, order(his, hers, 11, "RON"))).status_code == 201


async def test_without_a_daily_limit_refusals_count_nothing_back(ada: Person, bob: Person, set_limit: SetFee) -> None:
    hers, his = await ada.account(1000), await bob.account()
    await set_limit("EUR", owner_id=str(ada.id), per_day=100)
    assert (await ada.post(TRANSFERS, order(hers, his, 100, "EUR"))).status_code == 201
    await set_limit("EUR", owner_id=str(ada.id), per_operation=1000)
    assert (await ada.post(TRANSFERS, order(hers, str(uuid4()), 100, "EUR"))).status_code == 404
    await set_limit("EUR", owner_id=str(ada.id), per_day=100)
    assert (await ada.post(TRANSFERS, order(hers, his, 1, "EUR"))).json()["code"] == "LimitExceeded"


async def test_a_limit_of_0_stops_everything(ada: Person, bob: Person, set_limit: SetFee) -> None:
    hers, his = await ada.account(10), await bob.account()
    await set_limit("EUR", owner_id=str(ada.id), per_day=0)
    assert (await ada.post(TRANSFERS, order(hers, his, 1, "EUR"))).json()["code"] == "LimitExceeded"
