"""What comes to a hot account waits to be folded: nobody may see that it waits."""

import asyncio
from typing import Any

import pytest

from money import upkeep
from tests.money.parties import Sql
from tests.people import Person

LARGEST = 2**53 - 1
TRANSFERS = "/v1/money/transfers"


def order(source: str, target: str, amount: int) -> dict[str, Any]:
    return {"from_account_id": source, "to_account_id": target, "amount": amount, "currency": "EUR"}


async def configure(boss: Person, account: str, **settings: Any) -> Any:
    body = {**settings, "reason": "A test"}
    return await boss.client.patch(f"/v1/money/admin/accounts/{account}", json=body, headers=boss.auth)


@pytest.fixture
async def hers(ada: Person) -> str:
    return await ada.account(500)


@pytest.fixture
async def shop(bob: Person, boss: Person) -> str:
    account = await bob.account()
    assert (await configure(boss, account, hot=True)).json()["hot"] is True
    return account


def waiting(sql: Sql, account: str) -> int:
    return int(sql("SELECT count(*) FROM money.deltas WHERE account_id = %s", account)[0][0])


async def test_what_waits_is_in_the_balance_at_once(ada: Person, bob: Person, hers: str, shop: str, sql: Sql) -> None:
    for amount in (10, 20, 30):
        assert (await ada.post(TRANSFERS, order(hers, shop, amount))).status_code == 201
    assert waiting(sql, shop) == 3
    read = (await bob.get(f"/v1/money/accounts/{shop}")).json()
    assert (read["balance"], read["available"]) == (60, 60)
    assert waiting(sql, shop) == 3


async def test_who_reads_the_history_reads_all_of_it(ada: Person, bob: Person, hers: str, shop: str, sql: Sql) -> None:
    for amount in (10, 20, 30):
        await ada.post(TRANSFERS, order(hers, shop, amount))
    entries = (await bob.get(f"/v1/money/accounts/{shop}/entries")).json()["items"]
    assert [(entry["id"], entry["amount"], entry["balance_after"]) for entry in entries] == [
        ("3", 30, 60),
        ("2", 20, 30),
        ("1", 10, 10),
    ]
    assert waiting(sql, shop) == 0


async def test_who_got_it_can_read_and_refund_it_while_it_waits(
    ada: Person, bob: Person, hers: str, shop: str, sql: Sql
) -> None:
    first, second = [(await ada.post(TRANSFERS, order(hers, shop, amount))).json()["id"] for amount in (10, 20)]
    assert waiting(sql, shop) == 2
    assert (await bob.post(f"{TRANSFERS}/{second}/refunds", {})).status_code == 201
    assert (await bob.get(f"{TRANSFERS}/{first}")).json()["balance_after"] == 10
    assert (await ada.balance(hers), await bob.balance(shop)) == (490, 10)


async def test_what_waits_can_be_spent_and_promised(ada: Person, bob: Person, hers: str, shop: str) -> None:
    await ada.post(TRANSFERS, order(hers, shop, 100))
    hold = {"account_id": shop, "payee_account_id": hers, "amount": 60, "currency": "EUR"}
    assert (await bob.post("/v1/money/holds", hold)).status_code == 201
    assert (await bob.post(TRANSFERS, order(shop, hers, 41))).json()["code"] == "InsufficientFunds"
    assert (await bob.post(TRANSFERS, order(shop, hers, 40))).status_code == 201
    assert await bob.balance(shop) == 60


async def test_with_money_on_the_way_it_is_not_closed(ada: Person, bob: Person, hers: str, shop: str, sql: Sql) -> None:
    await ada.post(TRANSFERS, order(hers, shop, 5))
    assert sql("SELECT credits - debits FROM money.accounts WHERE id = %s", shop) == [(0,)]
    assert (await bob.post(f"/v1/money/accounts/{shop}/close", None)).json()["code"] == "AccountNotEmpty"
    await bob.post(TRANSFERS, order(shop, hers, 5))
    assert (await bob.post(f"/v1/money/accounts/{shop}/close", None)).status_code == 200
    assert (await ada.post(TRANSFERS, order(hers, shop, 5))).json()["code"] == "RecipientNotFound"


async def test_when_it_is_hot_no_longer_nothing_is_lost(
    ada: Person, bob: Person, boss: Person, hers: str, shop: str, sql: Sql
) -> None:
    for amount in (1, 2, 3):
        await ada.post(TRANSFERS, order(hers, shop, amount))
    assert (await configure(boss, shop, hot=False)).json()["balance"] == 6
    assert waiting(sql, shop) == 0
    await ada.post(TRANSFERS, order(hers, shop, 4))
    assert (waiting(sql, shop), await bob.balance(shop)) == (0, 10)


async def test_folding_places_what_every_account_got_once(
    ada: Person, bob: Person, hers: str, shop: str, sql: Sql
) -> None:
    await asyncio.gather(*(ada.post(TRANSFERS, order(hers, shop, n)) for n in range(1, 11)))
    await asyncio.gather(*(upkeep.fold() for _ in range(4)))
    assert sql("SELECT count(*) FROM money.deltas") == [(0,)]
    assert sql("SELECT count(*), sum(amount), max(account_version) FROM money.entries WHERE account_id = %s", shop) == [
        (10, 55, 10)
    ]
    assert await upkeep.fold() == 0


async def test_two_who_pay_a_hot_account_do_not_wait_for_each_other(
    ada: Person, hers: str, shop: str, sql: Sql
) -> None:
    """Somebody keeps its row locked: who pays it does not notice."""
    sql("BEGIN")
    sql("SELECT FROM money.accounts WHERE id = %s FOR UPDATE", shop)
    try:
        assert (await ada.post(TRANSFERS, order(hers, shop, 1))).status_code == 201
        batch = {"transfers": [order(hers, shop, 1)] * 3}
        assert (await ada.post(f"{TRANSFERS}/batch", batch)).json()["posted"] == 3
    finally:
        sql("ROLLBACK")


async def test_an_amount_so_large_that_few_would_overflow_it_is_counted_at_once(
    ada: Person, bob: Person, boss: Person, shop: str
) -> None:
    rich = await ada.account(LARGEST)
    assert (await ada.post(TRANSFERS, order(rich, shop, LARGEST - 5))).status_code == 201
    await configure(boss, rich, overdraft=100)
    assert (await ada.post(TRANSFERS, order(rich, shop, 6))).json()["code"] == "BalanceTooLarge"
    assert (await ada.post(TRANSFERS, order(rich, shop, 5))).status_code == 201
    assert await bob.balance(shop) == LARGEST


async def test_what_some_deposit_does_not_keep_others_from_depositing(ada: Person, bob: Person, sql: Sql) -> None:
    """Artel's clearing account has what everybody has together."""
    for _ in range(3):
        account = await ada.account(currency="INR")
        deposit = {"account_id": account, "amount": LARGEST, "currency": "INR"}
        assert (await ada.post("/v1/money/deposits", deposit)).status_code == 201
        assert await ada.balance(account) == LARGEST
        await upkeep.fold()
    his = await bob.account(5, "INR")
    assert await bob.balance(his) == 5
    assert sql("SELECT balance FROM money.standing WHERE code = 'clearing:sandbox:INR'") == [(3 * LARGEST + 5,)]
