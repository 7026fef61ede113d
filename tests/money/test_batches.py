import secrets
from typing import Any
from uuid import uuid4

import pytest

from tests.people import Person

BATCH = "/v1/money/transfers/batch"
MOST = 1000


def item(source: str, target: str, amount: Any, currency: str = "EUR") -> dict[str, Any]:
    return {"from_account_id": source, "to_account_id": target, "amount": amount, "currency": currency}


@pytest.fixture
async def hers(ada: Person) -> str:
    return await ada.account(500)


@pytest.fixture
async def his(bob: Person) -> str:
    return await bob.account()


async def test_all_or_none_is_the_default_and_none_tells_which_and_why(
    ada: Person, bob: Person, hers: str, his: str
) -> None:
    order = {"transfers": [item(hers, his, 100), item(hers, his, 450), item(hers, str(uuid4()), 1)]}
    batch = (await ada.post(BATCH, order)).json()
    assert (batch["atomic"], batch["posted"], batch["refused"]) == (True, 0, 2)
    assert [result["refused"] for result in batch["results"]] == [None, "InsufficientFunds", "RecipientNotFound"]
    assert [result["transfer_id"] for result in batch["results"]] == [None] * 3
    assert (await ada.balance(hers), await bob.balance(his)) == (500, 0)


async def test_otherwise_each_that_can_be_made_is_made_in_the_order_given(
    ada: Person, bob: Person, hers: str, his: str
) -> None:
    amounts = [400, 200, 50, 60, 50]
    order = {"atomic": False, "transfers": [item(hers, his, amount) for amount in amounts]}
    batch = (await ada.post(BATCH, order)).json()
    assert [result["refused"] for result in batch["results"]] == [
        None,
        "InsufficientFunds",
        None,
        "InsufficientFunds",
        None,
    ]
    assert (batch["posted"], batch["refused"]) == (3, 2)
    assert (await ada.balance(hers), await bob.balance(his)) == (0, 500)
    for result, amount in zip(batch["results"], amounts, strict=True):
        if result["transfer_id"]:
            assert (await bob.get(f"/v1/money/transfers/{result['transfer_id']}")).json()["amount"] == amount


async def test_money_that_comes_in_a_batch_can_be_spent_in_it(ada: Person, bob: Person, hers: str, his: str) -> None:
    between = await ada.account()
    order = {"transfers": [item(hers, between, 500), item(between, his, 500)]}
    assert (await ada.post(BATCH, order)).json()["posted"] == 2
    assert [await ada.balance(hers), await ada.balance(between), await bob.balance(his)] == [0, 0, 500]
    backwards = {"transfers": [item(between, hers, 1), item(hers, between, 1)]}
    refused = (await ada.post(BATCH, backwards)).json()
    assert [result["refused"] for result in refused["results"]] == ["InsufficientFunds", "InsufficientFunds"]


async def test_a_thousand_go_at_once_and_not_one_more(ada: Person, bob: Person, his: str) -> None:
    rich = await ada.account(MOST)
    order = {"transfers": [item(rich, his, 1)] * MOST}
    assert (await ada.post(BATCH, order)).json()["posted"] == MOST
    assert (await ada.balance(rich), await bob.balance(his)) == (0, MOST)
    assert (await ada.post(BATCH, {"transfers": [item(rich, his, 1)] * (MOST + 1)})).status_code == 422
    assert (await ada.post(BATCH, {"transfers": []})).status_code == 422


@pytest.mark.parametrize("amount", [0, -1, 1.5, "1", True, None, 2**53])
async def test_one_malformed_item_refuses_the_request_and_uses_no_key(
    ada: Person, bob: Person, hers: str, his: str, amount: Any
) -> None:
    key = secrets.token_hex(4)
    refused = await ada.post(BATCH, {"transfers": [item(hers, his, 5), item(hers, his, amount)]}, key)
    assert (refused.status_code, refused.json()["code"]) == (422, "MalformedRequest")
    assert refused.json()["errors"][0]["location"] == "body.transfers.1.amount"
    assert (await ada.post(BATCH, {"transfers": [item(hers, his, 5)]}, key)).json()["posted"] == 1


async def test_nobody_elses_money_is_sent_in_between_ones_own(ada: Person, bob: Person, hers: str) -> None:
    his = await bob.account(300)
    order = {"atomic": False, "transfers": [item(hers, his, 1), item(his, hers, 300), item(hers, his, 1)]}
    batch = (await ada.post(BATCH, order)).json()
    assert [result["refused"] for result in batch["results"]] == [None, "AccountNotFound", None]
    assert (await ada.balance(hers), await bob.balance(his)) == (498, 302)


async def test_a_retry_gets_the_first_answer_refusals_included(ada: Person, bob: Person, hers: str, his: str) -> None:
    order = {"atomic": False, "transfers": [item(hers, his, 400), item(hers, his, 400)]}
    first = await ada.post(BATCH, order, "k")
    await ada.post("/v1/money/deposits", {"account_id": hers, "amount": 1000, "currency": "EUR"})
    again = await ada.post(BATCH, order, "k")
    assert again.json() == first.json()
    assert (again.headers["idempotent-replayed"], "idempotent-replayed" in first.headers) == ("true", False)
    assert await bob.balance(his) == 400
    other = await ada.post(BATCH, {**order, "atomic": True}, "k")
    assert (other.status_code, other.json()["code"]) == (422, "IdempotencyKeyReused")
    single = await ada.post("/v1/money/transfers", item(hers, his, 400), "k")
    assert single.json()["code"] == "IdempotencyKeyReused"
