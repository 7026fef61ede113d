"""What went wrong in other ledgers, each as a test that is named after it. Their numbers are in the comments."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from common.settings import settings
from money import gathering
from tests.money.damage import ADA, BOB, request
from tests.money.parties import Sql
from tests.money.state_machine.books import Books, Request
from tests.people import Person

TRANSFERS, HOLDS = "/v1/money/transfers", "/v1/money/holds"


def transfer(source: str, target: str, amount: int) -> dict[str, Any]:
    return {"from_account_id": source, "to_account_id": target, "amount": amount, "currency": "EUR"}


def promise(source: str, target: str, amount: int) -> dict[str, Any]:
    return {"account_id": source, "payee_account_id": target, "amount": amount, "currency": "EUR"}


@pytest.fixture
async def hers(ada: Person) -> str:
    return await ada.account(500)


@pytest.fixture
async def his(bob: Person) -> str:
    return await bob.account()


async def figures(person: Person, account: str) -> tuple[int, int]:
    read = (await person.get(f"/v1/money/accounts/{account}")).json()
    return read["balance"], read["held"]


# Blnk, issue 181
async def test_the_funds_check_ignored_what_was_held(ada: Person, bob: Person, hers: str, his: str) -> None:
    assert (await ada.post(HOLDS, promise(hers, his, 400))).status_code == 201
    over = transfer(hers, his, 101)
    batch = {"transfers": [transfer(hers, his, 50), transfer(hers, his, 51)]}
    assert (await ada.post(TRANSFERS, over)).json()["code"] == "InsufficientFunds"
    assert (await ada.post(f"{TRANSFERS}/batch", batch)).json()["posted"] == 0
    assert (await ada.post(HOLDS, promise(hers, his, 101))).json()["code"] == "InsufficientFunds"
    assert (await ada.post(TRANSFERS, {**over, "dry_run": True})).json()["code"] == "InsufficientFunds"
    assert await figures(ada, hers) == (500, 400)


# Blnk, issue 182
async def test_a_rejected_hold_was_committed_all_the_same(ada: Person, bob: Person, hers: str, his: str) -> None:
    refused = await ada.post(HOLDS, promise(hers, his, 501), "k")
    assert (refused.status_code, refused.json()["code"]) == (409, "InsufficientFunds")
    assert (await ada.get(HOLDS)).json()["items"] == (await bob.get(HOLDS)).json()["items"] == []
    await ada.post("/v1/money/deposits", {"account_id": hers, "amount": 100, "currency": "EUR"})
    # Not even its retry comes to anything now that there is enough.
    assert (await ada.post(HOLDS, promise(hers, his, 501), "k")).status_code == 409
    assert await figures(ada, hers) == (600, 0)


# Blnk, issue 41
async def test_a_hold_was_voided_twice_and_gave_its_money_back_twice(
    ada: Person, bob: Person, hers: str, his: str
) -> None:
    first, _ = [(await ada.post(HOLDS, promise(hers, his, amount))).json()["id"] for amount in (100, 50)]
    answers = await asyncio.gather(*(bob.post(f"{HOLDS}/{first}/void", {}) for _ in range(8)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 7}
    assert await figures(ada, hers) == (500, 50)


# Blnk, pull request 171
async def test_concurrent_commits_read_the_same_remainder(ada: Person, bob: Person, hers: str, his: str) -> None:
    sent = (await ada.post(TRANSFERS, transfer(hers, his, 100))).json()["id"]
    await ada.post(TRANSFERS, transfer(hers, his, 400))
    answers = await asyncio.gather(*(bob.post(f"{TRANSFERS}/{sent}/refunds", {"amount": 40}) for _ in range(12)))
    assert Counter(answer.status_code for answer in answers) == {201: 2, 409: 10}
    last = await asyncio.gather(*(bob.post(f"{TRANSFERS}/{sent}/refunds", {}) for _ in range(12)))
    assert [answer.json()["amount"] for answer in last if answer.status_code == 201] == [20]
    assert await figures(bob, his) == (400, 0)


# Formance, issue 374
async def test_a_second_refund_answered_409_and_moved_the_money(ada: Person, bob: Person, hers: str, his: str) -> None:
    sent = (await ada.post(TRANSFERS, transfer(hers, his, 100))).json()["id"]
    await ada.post(TRANSFERS, transfer(hers, his, 400))
    for what in ("refunds", "reverse"):
        path = f"{TRANSFERS}/{sent}/{what}"
        if what == "refunds":
            assert (await bob.post(path, {"amount": 100})).status_code == 201
        before = await figures(ada, hers), await figures(bob, his)
        for key in ("again", "again", "and again"):
            assert (await bob.post(path, {}, f"{what} {key}")).status_code == 409
        assert (await figures(ada, hers), await figures(bob, his)) == before
    assert len((await ada.get(f"/v1/money/accounts/{hers}/entries")).json()["items"]) == 4


# Blnk, pull request 315
@pytest.mark.parametrize("amount", [0, -1, -100])
async def test_a_hold_was_committed_with_an_amount_below_one(
    ada: Person, bob: Person, hers: str, his: str, amount: int
) -> None:
    hold = (await ada.post(HOLDS, promise(hers, his, 100))).json()["id"]
    assert (await bob.post(f"{HOLDS}/{hold}/capture", {"amount": amount})).status_code == 422
    assert await figures(ada, hers) == (500, 100)
    assert (await bob.get(f"{HOLDS}/{hold}")).json()["status"] == "held"


# django-hordak, issue 142
def test_a_fold_up_to_the_largest_id_lost_what_was_committed_late(books: Books) -> None:
    hers, shop = (str(request(books, "open_account", who, "EUR", "")["account_id"]) for who in (ADA, BOB))
    his = str(request(books, "open_account", BOB, "EUR", "")["account_id"])
    for who, account in ((ADA, hers), (BOB, his)):
        request(books, "arrive", who, account, 100, "EUR")
    assert books.value("configure", ADA, shop, None, True, "a shop") is None
    with books.beside() as slow:
        with slow.app.transaction():
            early = request(slow, "transfer", ADA, hers, shop, 30, "EUR", "")
            late = request(books, "transfer", BOB, his, shop, 20, "EUR", "")
            assert str(early["transaction_id"]) < str(late["transaction_id"])
            books.value("fold_all")
            (row,) = books.rows("SELECT balance, version FROM money.standing WHERE id = %s", shop)
            assert (row["balance"], row["version"]) == (20, 1)
        (row,) = books.rows("SELECT balance FROM money.standing WHERE id = %s", shop)
        assert row["balance"] == 50
        books.value("fold_all")
    (row,) = books.rows("SELECT balance, version FROM money.standing WHERE id = %s", shop)
    assert (row["balance"], row["version"]) == (50, 2)
    assert books.rows("SELECT * FROM money.violations()") == []


# cala, issue 746
def test_one_lock_for_everything_made_everybody_wait_for_everybody(books: Books) -> None:
    hers, his, also_hers, also_his = (
        str(request(books, "open_account", who, "EUR", "")["account_id"]) for who in (ADA, BOB, ADA, BOB)
    )
    shop = str(request(books, "open_account", BOB, "EUR", "")["account_id"])
    assert books.value("configure", ADA, shop, None, True, "a shop") is None
    for account in (hers, also_hers):
        request(books, "arrive", ADA, account, 100, "EUR")
    with books.beside() as slow, slow.app.transaction():
        request(slow, "transfer", ADA, hers, his, 1, "EUR", "")
        request(slow, "transfer", ADA, hers, shop, 1, "EUR", "")
        slow.row("publish", 100)
        # Whoever has to wait for that one now is refused at once.
        books.app.execute("SET lock_timeout = 1")
        request(books, "transfer", ADA, also_hers, also_his, 1, "EUR", "")
        request(books, "transfer", ADA, also_hers, shop, 1, "EUR", "")
        request(books, "arrive", BOB, also_his, 1, "EUR")
        order = (also_hers, also_his, 1, "EUR", "", "2100-01-01T00:00:00Z")
        request(books, "hold", ADA, *order)
        assert books.row("publish", 100)["sealed"] == 0
        books.app.execute("RESET lock_timeout")


# cala, issue 776
async def test_waiters_piled_up_inside_postgresql(
    ada: Person, bob: Person, hers: str, his: str, sql: Sql, database: str
) -> None:
    stuck = """SELECT count(DISTINCT l.pid) FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
        WHERE NOT l.granted AND a.usename = 'artel_money' AND a.datname = current_database()"""
    there = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'artel_money' AND datname = current_database()"
    sql("BEGIN")
    sql("SELECT FROM money.accounts WHERE id = %s FOR UPDATE", hers)
    asked = [asyncio.ensure_future(ada.post(TRANSFERS, transfer(hers, his, 1))) for _ in range(300)]
    for _ in range(60):
        await asyncio.sleep(0.05)
        if sql(stuck)[0][0]:
            break
    await asyncio.sleep(0.5)
    waiting, backends = sql(stuck)[0][0], sql(there)[0][0]
    sql("ROLLBACK")
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {201}
    assert 1 <= waiting <= gathering._AT_ONCE
    assert backends <= settings().database_pool_size
    assert await figures(bob, his) == (300, 0)


# Formance wallets, issue 109
async def test_a_retry_was_refused_since_a_random_id_was_part_of_its_hash(
    ada: Person, bob: Person, hers: str, his: str
) -> None:
    """Neither what we add (an id, the end of a hold) nor how the same thing is written makes it another request."""
    first = await ada.post(HOLDS, promise(hers, his, 5), "h")
    assert (await ada.post(HOLDS, promise(hers, his, 5), "h")).json() == first.json()
    order = transfer(hers, his, 5)
    sent = await ada.post(TRANSFERS, order, "t")
    for same in (
        dict(reversed(order.items())),
        {**order, "description": ""},
        {**order, "description": "  ", "dry_run": False},
        {**order, "from_account_id": hers.upper(), "to_account_id": f"{{{his}}}"},
    ):
        again = await ada.post(TRANSFERS, same, "t")
        assert (again.json(), again.headers.get("idempotent-replayed")) == (sent.json(), "true")
    assert await figures(bob, his) == (5, 0)


# A first draft of this one
def test_a_transfer_to_itself_was_counted_twice_and_the_trial_balance_stayed_0(books: Books) -> None:
    hers = str(request(books, "open_account", ADA, "EUR", "")["account_id"])
    request(books, "arrive", ADA, hers, 100, "EUR")
    for hot in (False, True):
        books.value("configure", ADA, hers, None, hot, "a test")
        alone = Request("transfer", ADA, f"alone {hot}", (hers, hers, 10, "EUR", ""))
        assert books.request(alone)["refused"] == "SameAccount"
        together = [Request("transfer", ADA, f"{n} {hot}", (hers, hers, 10, "EUR", "")) for n in range(2)]
        assert [answer["refused"] for answer in books.transfers(together)] == ["SameAccount"] * 2
    (row,) = books.rows("SELECT debits, credits, balance FROM money.standing WHERE id = %s", hers)
    assert (row["debits"], row["credits"], row["balance"]) == (0, 100, 100)
    assert books.rows("SELECT * FROM money.violations()") == []
