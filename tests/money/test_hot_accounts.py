"""Accounts that many pay into at the same time: what comes waits for nobody, and nothing of it is missing anywhere.

Several servers on one hot account are in test_concurrency.py.
"""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from httpx import Response

from money.upkeep import fold
from tests.money.notices import Sql
from tests.money.state_machine.books import Books, Request
from tests.people import People, Person

TRANSFERS = "/v1/money/transfers"
LARGEST = 2**53 - 1
PAYERS = 20


def order(source: str, target: str, amount: int) -> dict[str, Any]:
    return {"from_account_id": source, "to_account_id": target, "amount": amount, "currency": "EUR"}


def codes(answers: list[Response]) -> Counter[str]:
    return Counter(answer.json().get("code", "done") for answer in answers)


async def configure(boss: Person, account: str, *, hot: bool) -> None:
    change = {"hot": hot, "reason": "A shop"}
    answer = await boss.client.patch(f"/v1/money/admin/accounts/{account}", json=change, headers=boss.auth)
    assert answer.status_code == 200, answer.text


async def order_of(boss: Person, account: str, what: str) -> int:
    return (await boss.post(f"/v1/money/admin/accounts/{account}/{what}", {"reason": "A test"})).status_code


async def entries(person: Person, account: str) -> list[dict[str, Any]]:
    """Newest first."""
    answer = await person.get(f"/v1/money/accounts/{account}/entries", params={"limit": 100})
    return list(answer.json()["items"])


@pytest.fixture
async def hers(ada: Person) -> str:
    return await ada.account(1000)


@pytest.fixture
async def shop(bob: Person, boss: Person) -> str:
    """Bob's, and hot."""
    made = await bob.account()
    await configure(boss, made, hot=True)
    return made


@pytest.fixture
def waiting(sql: Sql, shop: str) -> Any:
    """How many deltas of the shop are not folded."""
    return lambda: sql("SELECT count(*) FROM money.deltas WHERE account_id = %s", shop)[0][0]


async def test_a_balance_counts_what_is_not_folded_yet(
    ada: Person, bob: Person, hers: str, shop: str, waiting: Any
) -> None:
    for amount in (7, 11, 13):
        assert (await ada.post(TRANSFERS, order(hers, shop, amount))).status_code == 201
    assert waiting() == 3
    account = (await bob.get(f"/v1/money/accounts/{shop}")).json()
    assert (account["balance"], account["available"], waiting()) == (31, 31, 3)


async def test_a_history_is_whole_when_it_is_read(ada: Person, bob: Person, hers: str, shop: str, waiting: Any) -> None:
    made = [(await ada.post(TRANSFERS, order(hers, shop, amount))).json()["id"] for amount in (7, 11, 13)]
    found = await entries(bob, shop)
    assert [(e["transaction_id"], e["amount"], e["balance_after"]) for e in reversed(found)] == [
        (made[0], 7, 7),
        (made[1], 11, 18),
        (made[2], 13, 31),
    ]
    assert waiting() == 0
    assert await entries(bob, shop) == found


async def test_who_spends_can_spend_what_is_not_folded_yet_and_no_more(
    ada: Person, bob: Person, hers: str, shop: str, waiting: Any
) -> None:
    for _ in range(5):
        await ada.post(TRANSFERS, order(hers, shop, 100))
    assert waiting() == 5
    answers = await asyncio.gather(*(bob.post(TRANSFERS, order(shop, hers, 90)) for _ in range(12)))
    assert codes(answers) == {"done": 5, "InsufficientFunds": 7}
    assert (await bob.balance(shop), await ada.balance(hers), waiting()) == (50, 950, 0)


async def test_folding_again_changes_nothing(
    ada: Person, bob: Person, hers: str, shop: str, waiting: Any, sql: Sql
) -> None:
    await ada.post(TRANSFERS, order(hers, shop, 7))
    sql("SELECT money.fold_all()")
    standing = "SELECT debits, credits, version FROM money.accounts WHERE id = %s"
    before = sql(standing, shop)
    assert (before, waiting()) == ([(0, 7, 1)], 0)
    for statement in ("SELECT money.fold_all()", "SELECT money.fold_hot(%s)", "SELECT money.fold(%s)"):
        sql(statement, *[shop] * statement.count("%"))
        assert sql(standing, shop) == before
    assert len(await entries(bob, shop)) == 1


@pytest.fixture
async def payers(people: People) -> list[tuple[Person, str]]:
    made = [await people.person(f"Payer{n}") for n in range(PAYERS)]
    return [(payer, await payer.account(100)) for payer in made]


async def test_many_pay_while_others_read(bob: Person, shop: str, payers: list[tuple[Person, str]]) -> None:
    """Whoever reads sees whole payments, never one less than before, and a history that agrees with itself."""
    done: list[int] = []

    async def read() -> None:
        seen = 0
        while len(done) < PAYERS:
            balance, history = await bob.balance(shop), await entries(bob, shop)
            assert seen <= balance <= 7 * PAYERS
            assert balance % 7 == 0
            assert [entry["balance_after"] for entry in history] == [7 * n for n in range(len(history), 0, -1)]
            assert 7 * len(history) >= balance
            seen = balance

    async def pay(payer: Person, purse: str) -> None:
        done.append((await payer.post(TRANSFERS, order(purse, shop, 7))).status_code)

    await asyncio.gather(*(pay(*each) for each in payers), *(read() for _ in range(4)))
    assert done == [201] * PAYERS
    assert await bob.balance(shop) == 7 * PAYERS
    assert [entry["id"] for entry in await entries(bob, shop)] == [str(n) for n in range(PAYERS, 0, -1)]


async def test_what_is_paid_to_a_frozen_one_is_taken_and_does_not_leave(
    ada: Person, bob: Person, boss: Person, hers: str, shop: str
) -> None:
    await ada.post(TRANSFERS, order(hers, shop, 100))
    assert await order_of(boss, shop, "freeze") == 200
    assert (await ada.post(TRANSFERS, order(hers, shop, 50))).status_code == 201
    assert (await bob.post(TRANSFERS, order(shop, hers, 1))).json()["code"] == "AccountFrozen"
    assert await order_of(boss, shop, "unfreeze") == 200
    assert (await bob.post(TRANSFERS, order(shop, hers, 150))).status_code == 201
    assert (await ada.balance(hers), await bob.balance(shop)) == (1000, 0)


async def test_one_that_is_made_ordinary_again_keeps_what_it_got(
    ada: Person, bob: Person, boss: Person, hers: str, shop: str, waiting: Any
) -> None:
    await ada.post(TRANSFERS, order(hers, shop, 7))
    await configure(boss, shop, hot=False)
    assert waiting() == 0
    await ada.post(TRANSFERS, order(hers, shop, 11))
    assert (waiting(), await bob.balance(shop)) == (0, 18)
    assert [entry["balance_after"] for entry in await entries(bob, shop)] == [18, 7]


async def test_one_that_turns_hot_and_ordinary_while_many_pay_loses_nothing(
    bob: Person, boss: Person, shop: str, payers: list[tuple[Person, str]]
) -> None:
    """A payment may be asked to come again; then nothing of it is there."""

    async def turn() -> None:
        for hot in (False, True) * 4:
            await configure(boss, shop, hot=hot)

    wanted = [payer.post(TRANSFERS, order(purse, shop, 1)) for payer, purse in payers for _ in range(4)]
    answers, _ = await asyncio.gather(asyncio.gather(*wanted), turn())
    found = Counter(answer.status_code for answer in answers)
    assert set(found) <= {201, 503}
    assert await bob.balance(shop) == found[201]


async def test_large_payments_take_the_row_and_never_pass_what_json_can_carry(
    ada: Person, bob: Person, shop: str, waiting: Any, sql: Sql
) -> None:
    large = 2**40 + 1
    hers = await ada.account(LARGEST)
    assert (await ada.post(TRANSFERS, order(hers, shop, large - 1))).status_code == 201
    assert waiting() == 1
    assert (await ada.post(TRANSFERS, order(hers, shop, large))).status_code == 201
    assert sql("SELECT amount FROM money.entries WHERE account_id = %s ORDER BY account_version", shop)[-1] == (large,)
    rich = [await ada.account(2**51) for _ in range(6)]
    answers = await asyncio.gather(*(ada.post(TRANSFERS, order(purse, shop, 2**51)) for purse in rich))
    assert codes(answers) == {"done": 3, "BalanceTooLarge": 3}
    # Near its limit it is counted exactly, however small the payment.
    left = LARGEST - await bob.balance(shop)
    assert (await ada.post(TRANSFERS, order(hers, shop, left - 5))).status_code == 201
    answers = await asyncio.gather(*(ada.post(TRANSFERS, order(hers, shop, 1)) for _ in range(12)))
    assert codes(answers) == {"done": 5, "BalanceTooLarge": 7}
    assert (await bob.balance(shop), waiting()) == (LARGEST, 0)


# Payments that are under way ------------------------------------------------------------------------------------------------

ADA, BOB, EVE, ROOT = (UUID(int=n) for n in range(1, 5))


def ask(books: Books, function: str, owner: UUID, *args: Any) -> dict[str, Any]:
    return books.request(Request(function, owner, str(uuid4()), args))


def pay(books: Books, owner: UUID, source: str, target: str) -> str | None:
    """What refused it."""
    refused: str | None = ask(books, "transfer", owner, source, target, 7, "EUR", "").get("refused")
    return refused


@pytest.fixture
def accounts(books: Books) -> tuple[str, str, str]:
    """Ada's and Bob's, with 100, and Eve's, empty and hot."""
    made = [str(ask(books, "open_account", owner, "EUR", "")["account_id"]) for owner in (ADA, BOB, EVE)]
    for owner, account in ((ADA, made[0]), (BOB, made[1])):
        ask(books, "arrive", owner, account, 100, "EUR")
    assert books.value("configure", ROOT, made[2], None, True, "many pay") is None
    return made[0], made[1], made[2]


def test_payers_of_a_hot_account_do_not_wait_for_each_other(books: Books, accounts: tuple[str, str, str]) -> None:
    ada, bob, shop = accounts
    with books.beside() as beside, books.app.transaction():
        assert pay(books, ADA, ada, shop) is None
        beside.app.execute("SET lock_timeout = '500ms'")
        assert pay(beside, BOB, bob, shop) is None
        (seen,) = beside.rows("SELECT balance FROM money.standing WHERE id = %s", shop)
        assert seen["balance"] == 7
    (seen,) = books.rows("SELECT balance FROM money.standing WHERE id = %s", shop)
    assert seen["balance"] == 14


@pytest.mark.parametrize(("status", "refused"), [("closed", "AccountNotEmpty"), ("frozen", None)])
def test_who_closes_or_freezes_waits_for_payments_under_way(
    books: Books, accounts: tuple[str, str, str], status: str, refused: str | None
) -> None:
    ada, _, shop = accounts
    change = ("set_status", ROOT, None, shop, status, "a reason")
    with books.beside() as beside:
        beside.app.execute("SET lock_timeout = '500ms'")
        with books.app.transaction():
            assert pay(books, ADA, ada, shop) is None
            with pytest.raises(psycopg.errors.LockNotAvailable):
                beside.value(*change)
        assert beside.value(*change) == refused
    (found,) = books.rows("SELECT balance, status FROM money.standing WHERE id = %s", shop)
    assert (found["balance"], found["status"]) == (7, "open" if refused else "frozen")
    assert books.rows("SELECT * FROM money.violations()") == []


def test_who_pays_waits_for_a_closing_under_way_and_is_refused(books: Books, accounts: tuple[str, str, str]) -> None:
    ada, _, shop = accounts
    with books.beside() as beside:
        beside.app.execute("SET lock_timeout = '500ms'")
        with books.app.transaction():
            assert books.value("set_status", ROOT, None, shop, "closed", "a reason") is None
            with pytest.raises(psycopg.errors.LockNotAvailable):
                pay(beside, ADA, ada, shop)
        assert pay(beside, ADA, ada, shop) == "RecipientNotFound"
    assert books.rows("SELECT * FROM money.violations()") == []


async def test_with_money_on_the_way_one_is_not_closed(
    ada: Person, bob: Person, hers: str, shop: str, sql: Sql
) -> None:
    await ada.post(TRANSFERS, order(hers, shop, 5))
    assert sql("SELECT credits - debits FROM money.accounts WHERE id = %s", shop) == [(0,)]
    assert (await bob.post(f"/v1/money/accounts/{shop}/close", None)).json()["code"] == "AccountNotEmpty"
    await bob.post(TRANSFERS, order(shop, hers, 5))
    assert (await bob.post(f"/v1/money/accounts/{shop}/close", None)).status_code == 200
    assert (await ada.post(TRANSFERS, order(hers, shop, 5))).json()["code"] == "RecipientNotFound"


async def test_what_some_deposit_does_not_keep_others_from_depositing(ada: Person, bob: Person, sql: Sql) -> None:
    """Artel's clearing account has what everybody has together."""
    for _ in range(3):
        account = await ada.account(LARGEST, "UAH")
        assert await ada.balance(account) == LARGEST
        await fold()
    his = await bob.account(5, "UAH")
    assert await bob.balance(his) == 5
    assert sql("SELECT balance FROM money.standing WHERE code = 'clearing:sandbox:UAH'") == [(3 * LARGEST + 5,)]
