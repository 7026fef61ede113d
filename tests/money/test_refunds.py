from typing import Any
from uuid import uuid4

import pytest

from tests.money.administrators import administrator
from tests.people import People, Person

TRANSFERS = "/v1/money/transfers"


@pytest.fixture
async def hers(ada: Person) -> str:
    return await ada.account(500)


@pytest.fixture
async def his(bob: Person) -> str:
    return await bob.account()


@pytest.fixture
async def sent(ada: Person, hers: str, his: str) -> str:
    """200 of her 500 to him."""
    order = {"from_account_id": hers, "to_account_id": his, "amount": 200, "currency": "EUR"}
    made = await ada.post(TRANSFERS, order)
    assert made.status_code == 201
    return f"{TRANSFERS}/{made.json()['id']}"


async def test_a_transfer_is_refunded_in_parts_until_nothing_is_left(
    ada: Person, bob: Person, hers: str, his: str, sent: str
) -> None:
    first = (await bob.post(f"{sent}/refunds", {"amount": 150, "description": "Too much"})).json()
    assert (first["kind"], first["amount"], first["original_id"]) == ("refund", 150, sent.rsplit("/", 1)[1])
    assert first["balance_after"] == 50
    assert (await bob.post(f"{sent}/refunds", {"amount": 51})).json()["code"] == "RefundTooLarge"
    assert (await bob.post(f"{sent}/refunds", {})).json()["amount"] == 50
    assert (await bob.post(f"{sent}/refunds", {})).json()["code"] == "RefundTooLarge"
    assert (await ada.balance(hers), await bob.balance(his)) == (500, 0)


async def test_a_second_refund_under_a_new_key_moves_nothing(
    ada: Person, bob: Person, hers: str, his: str, sent: str
) -> None:
    await ada.post(TRANSFERS, {"from_account_id": hers, "to_account_id": his, "amount": 300, "currency": "EUR"})
    assert (await bob.post(f"{sent}/refunds", {"amount": 200})).status_code == 201
    for _ in range(3):
        refused = await bob.post(f"{sent}/refunds", {"amount": 200})
        assert (refused.status_code, refused.json()["code"]) == (409, "RefundTooLarge")
    assert (await ada.balance(hers), await bob.balance(his)) == (200, 300)


async def test_only_who_got_it_gives_it_back(people: People, ada: Person, hers: str, sent: str) -> None:
    eve = await people.person("Eve")
    for person in (ada, eve):
        for what in ("refunds", "reverse"):
            refused = await person.post(f"{sent}/{what}", {})
            assert (refused.status_code, refused.json()["code"]) == (404, "TransferNotFound")
    assert await ada.balance(hers) == 300


@pytest.mark.parametrize("what", ["refunds", "reverse"])
async def test_what_is_no_transfer_cannot_be_given_back(
    ada: Person, bob: Person, hers: str, sent: str, what: str
) -> None:
    deposit = (await ada.get(f"/v1/money/accounts/{hers}/entries")).json()["items"][-1]["transaction_id"]
    refund = (await bob.post(f"{sent}/refunds", {"amount": 1})).json()["id"]
    for path in (f"{TRANSFERS}/{uuid4()}", f"{TRANSFERS}/{deposit}", f"{TRANSFERS}/{refund}"):
        refused = await ada.post(f"{path}/{what}", {})
        assert (refused.status_code, refused.json()["code"]) == (404, "TransferNotFound")


@pytest.mark.parametrize("amount", [0, -1, -200, 1.5, "1", True])
async def test_a_refund_is_a_positive_integer(ada: Person, bob: Person, hers: str, sent: str, amount: Any) -> None:
    assert (await bob.post(f"{sent}/refunds", {"amount": amount})).status_code == 422
    assert await ada.balance(hers) == 300


async def test_a_transfer_is_reversed_once(ada: Person, bob: Person, hers: str, his: str, sent: str) -> None:
    back = (await bob.post(f"{sent}/reverse", {"description": "A mistake"})).json()
    assert (back["kind"], back["amount"], back["from_account_id"]) == ("reversal", 200, his)
    for what in ("reverse", "refunds"):
        assert (await bob.post(f"{sent}/{what}", {})).json()["code"] == "AlreadyReversed"
    assert (await ada.balance(hers), await bob.balance(his)) == (500, 0)
    reversal = f"{TRANSFERS}/{back['id']}"
    assert (await ada.post(f"{reversal}/reverse", {})).json()["code"] == "TransferNotFound"


async def test_what_is_partly_refunded_is_not_reversed(ada: Person, bob: Person, hers: str, sent: str) -> None:
    await bob.post(f"{sent}/refunds", {"amount": 1})
    assert (await bob.post(f"{sent}/reverse", {})).json()["code"] == "AlreadyRefunded"
    assert await ada.balance(hers) == 301


async def test_what_was_spent_cannot_be_given_back(ada: Person, bob: Person, hers: str, his: str, sent: str) -> None:
    await bob.post(TRANSFERS, {"from_account_id": his, "to_account_id": hers, "amount": 1, "currency": "EUR"})
    for what in ("refunds", "reverse"):
        refused = await bob.post(f"{sent}/{what}", {}, f"k-{what}")
        assert (refused.status_code, refused.json()["code"]) == (409, "InsufficientFunds")
    assert (await bob.post(f"{sent}/refunds", {"amount": 199})).status_code == 201


async def test_to_an_account_that_is_closed_nothing_goes_back(ada: Person, bob: Person, his: str) -> None:
    gone = await ada.account(50)
    made = await ada.post(TRANSFERS, {"from_account_id": gone, "to_account_id": his, "amount": 50, "currency": "EUR"})
    assert (await ada.post(f"/v1/money/accounts/{gone}/close", None)).status_code == 200
    for what in ("refunds", "reverse"):
        refused = await bob.post(f"{TRANSFERS}/{made.json()['id']}/{what}", {})
        assert (refused.status_code, refused.json()["code"]) == (409, "AccountClosed")
    assert await bob.balance(his) == 50


async def test_a_retry_gives_back_once(ada: Person, bob: Person, hers: str, sent: str) -> None:
    first = await bob.post(f"{sent}/refunds", {"amount": 50}, "r")
    again = await bob.post(f"{sent}/refunds", {"amount": 50}, "r")
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    assert (await bob.post(f"{sent}/refunds", {}, "r")).json()["code"] == "IdempotencyKeyReused"
    assert await ada.balance(hers) == 350


async def test_an_administrator_reverses_out_of_a_frozen_account_and_says_why(
    people: People, ada: Person, bob: Person, hers: str, his: str, sent: str
) -> None:
    root = await administrator(people)
    await root.post(f"/v1/money/admin/accounts/{his}/freeze", {"reason": "Stolen"})
    assert (await bob.post(f"{sent}/refunds", {})).json()["code"] == "AccountFrozen"
    transfer = sent.rsplit("/", 1)[1]
    path = f"/v1/money/admin/transfers/{transfer}/reverse"
    assert (await root.post(path, {})).status_code == 422
    assert (await ada.post(path, {"reason": "Mine"})).status_code == 403
    assert (await root.post(path, {"reason": "Stolen"})).json()["original_id"] == transfer
    assert (await ada.balance(hers), await bob.balance(his)) == (500, 0)
    noted = (await root.get("/v1/money/admin/actions", params={"subject": transfer})).json()["items"]
    assert [(line["action"], line["actor_id"], line["reason"]) for line in noted] == [
        ("transfer.reversed", str(root.id), "Stolen")
    ]
