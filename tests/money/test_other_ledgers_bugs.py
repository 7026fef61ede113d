<<<<<<< HEAD
"""What went wrong in other ledgers, each as a test that is named after it. Their numbers are in the comments."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from common.settings import settings
from money import gathering
from tests.money.damage import ADA, BOB, request
from tests.money.parties import Sql
=======
"""Bugs that other ledgers had, each under the name of what went wrong there.

Here: holds ignored by the check of funds, a rejected hold that could be committed, a hold voided twice, concurrent captures that
read the same remainder, a second refund that answers 409 and moves money, amounts that are not positive, a fold up to the highest
id, one lock for everything, a retry refused because of something random in what was hashed.

Elsewhere: the gateway's base64 that breaks a webhook's signature is in test_webhooks_in.py; waiters that pile up inside PostgreSQL
have test_overload.py; captures by several servers have test_concurrency.py.
"""

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.money.notices import Sql
>>>>>>> main
from tests.money.state_machine.books import Books, Request
from tests.people import Person

TRANSFERS, HOLDS = "/v1/money/transfers", "/v1/money/holds"


<<<<<<< HEAD
def transfer(source: str, target: str, amount: int) -> dict[str, Any]:
    return {"from_account_id": source, "to_account_id": target, "amount": amount, "currency": "EUR"}


def promise(source: str, target: str, amount: int) -> dict[str, Any]:
    return {"account_id": source, "payee_account_id": target, "amount": amount, "currency": "EUR"}


=======
def order(source: str, target: str, amount: Any) -> dict[str, Any]:
    return {"from_account_id": source, "to_account_id": target, "amount": amount, "currency": "EUR"}


>>>>>>> main
@pytest.fixture
async def hers(ada: Person) -> str:
    return await ada.account(500)


@pytest.fixture
async def his(bob: Person) -> str:
    return await bob.account()


<<<<<<< HEAD
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
=======
async def hold(ada: Person, hers: str, his: str, amount: int) -> str:
    """The path of a new one."""
    promise = {"account_id": hers, "payee_account_id": his, "amount": amount, "currency": "EUR"}
    made = await ada.post(HOLDS, promise)
    assert made.status_code == 201, made.text
    return f"{HOLDS}/{made.json()['id']}"


async def test_holds_are_ignored_by_the_funds_check(ada: Person, bob: Person, hers: str, his: str) -> None:
    await hold(ada, hers, his, 300)
    promise = {"account_id": hers, "payee_account_id": his, "amount": 201, "currency": "EUR"}
    attempts = {
        TRANSFERS: order(hers, his, 201),
        HOLDS: promise,
        "/v1/money/withdrawals": {"account_id": hers, "amount": 201, "currency": "EUR"},
    }
    for path, wanted in attempts.items():
        refused = await ada.post(path, wanted)
        assert (refused.status_code, refused.json()["code"]) == (409, "InsufficientFunds"), path
    assert (await ada.post(TRANSFERS, order(hers, his, 200))).status_code == 201
    assert (await ada.balance(hers), await bob.balance(his)) == (300, 200)


async def test_a_rejected_hold_could_be_committed(ada: Person, bob: Person, hers: str, his: str, sql: Sql) -> None:
    voided, expired = await hold(ada, hers, his, 100), await hold(ada, hers, his, 100)
    assert (await bob.post(f"{voided}/void", {})).status_code == 200
    sql("UPDATE money.holds SET expires_at = clock_timestamp() WHERE id = %s", UUID(expired[-36:]))
    for path, code in ((voided, "HoldResolved"), (expired, "HoldExpired")):
        refused = await bob.post(f"{path}/capture", {})
        assert (refused.status_code, refused.json()["code"]) == (409, code)
    assert (await ada.balance(hers), await bob.balance(his)) == (500, 0)


async def test_a_hold_was_voided_twice(ada: Person, bob: Person, hers: str, his: str) -> None:
    """And freed twice what it had held, another hold's money."""
    await hold(ada, hers, his, 100)
    path = await hold(ada, hers, his, 200)
    answers = await asyncio.gather(*(bob.post(f"{path}/void", {}) for _ in range(8)))
    assert Counter(answer.json().get("code", "done") for answer in answers) == {"done": 1, "HoldResolved": 7}
    assert (await ada.get(f"/v1/money/accounts/{hers}")).json()["held"] == 100


async def test_concurrent_captures_read_the_same_remainder(ada: Person, bob: Person, hers: str, his: str) -> None:
    """Each saw 300 left, and each took 200."""
    path = await hold(ada, hers, his, 300)
    answers = await asyncio.gather(*(bob.post(f"{path}/capture", {"amount": 200}) for _ in range(8)))
    assert Counter(answer.json().get("code", "done") for answer in answers) == {"done": 1, "HoldResolved": 7}
    assert (await ada.balance(hers), await bob.balance(his)) == (300, 200)


@pytest.mark.parametrize("amount", [None, 100, 1])
async def test_a_second_refund_answers_409_but_moves_money(
    ada: Person, bob: Person, hers: str, his: str, amount: int | None
) -> None:
    transfer = (await ada.post(TRANSFERS, order(hers, his, 100))).json()["id"]
    await ada.post(TRANSFERS, order(hers, his, 200))  # There would be enough for it.
    assert (await bob.post(f"{TRANSFERS}/{transfer}/refunds", {})).status_code == 201
    again = await bob.post(f"{TRANSFERS}/{transfer}/refunds", {} if amount is None else {"amount": amount})
    assert (again.status_code, again.json()["code"]) == (409, "RefundTooLarge")
    assert (await ada.balance(hers), await bob.balance(his)) == (300, 200)


@pytest.mark.parametrize("amount", [0, -1, -(2**53)])
async def test_commit_amounts_were_not_positive(ada: Person, bob: Person, hers: str, his: str, amount: int) -> None:
    path = await hold(ada, hers, his, 100)
    transfer = (await ada.post(TRANSFERS, order(hers, his, 50))).json()["id"]
    for wanted in (f"{path}/capture", f"{TRANSFERS}/{transfer}/refunds"):
        assert (await bob.post(wanted, {"amount": amount})).status_code == 422
    account = (await ada.get(f"/v1/money/accounts/{hers}")).json()
    assert (account["balance"], account["held"], await bob.balance(his)) == (450, 100, 50)


@pytest.mark.parametrize("changed", ["X-Request-Id", "order of headers", "order of fields", "spaces"])
async def test_a_retry_was_refused_because_a_random_id_was_part_of_the_hashed_body(
    ada: Person, bob: Person, hers: str, his: str, changed: str
) -> None:
    body, headers = order(hers, his, 50), [*ada.key().items(), ("Content-Type", "application/json")]
    first = await ada.client.post(
        TRANSFERS, content=json.dumps(body), headers=[*headers, ("X-Request-Id", secrets.token_hex(8))]
    )
    match changed:
        case "X-Request-Id":
            headers.append(("X-Request-Id", secrets.token_hex(8)))
        case "order of headers":
            headers.reverse()
        case "order of fields":
            body = dict(reversed(body.items()))
    content = json.dumps(body, indent=2 if changed == "spaces" else None)
    again = await ada.client.post(TRANSFERS, content=content, headers=headers)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert await bob.balance(his) == 50


# What needs transactions that are left open: the functions as the app calls them, in a ledger of its own --------------------

OWNERS = [UUID(int=n) for n in range(1, 5)]


def _ask(books: Books, function: str, owner: UUID, *args: Any) -> dict[str, Any]:
    answer = books.request(Request(function, owner, str(uuid4()), args))
    assert answer.get("refused") is None, answer
    return answer


def _send(books: Books, payer: int, accounts: list[Any], payee: int, amount: int) -> None:
    _ask(books, "transfer", OWNERS[payer], accounts[payer], accounts[payee], amount, "EUR", "")


@pytest.fixture
def accounts(books: Books) -> list[Any]:
    """One of each owner, with 100 in it."""
    made = [_ask(books, "open_account", owner, "EUR", "")["account_id"] for owner in OWNERS]
    for owner, account in zip(OWNERS, made, strict=True):
        _ask(books, "arrive", owner, account, 100, "EUR")
    return made


@pytest.fixture
def beside(books: Books) -> Iterator[Books]:
    with books.beside() as made:
        made.app.execute("SET lock_timeout = '500ms'")
        yield made


def test_a_fold_by_max_id_loses_rows(books: Books, beside: Books, accounts: list[Any]) -> None:
    """The one that began first is committed last, after a fold has taken the other."""
    assert books.value("configure", OWNERS[3], accounts[2], None, True, "many pay") is None
    with books.app.transaction():
        _send(books, 0, accounts, 2, 7)
        _send(beside, 1, accounts, 2, 11)
        beside.value("fold_hot", accounts[2])
    waiting = books.rows("SELECT amount FROM money.deltas WHERE account_id = %s", accounts[2])
    assert [row["amount"] for row in waiting] == [7]
    books.value("fold_hot", accounts[2])
    history = "SELECT amount, balance_after FROM money.entries WHERE account_id = %s ORDER BY account_version"
    found = [(row["amount"], row["balance_after"]) for row in books.rows(history, accounts[2])]
    assert found == [(100, 100), (11, 111), (7, 118)]
    assert books.rows("SELECT * FROM money.violations()") == []


def test_one_constant_advisory_lock_serialises_everything(books: Books, beside: Books, accounts: list[Any]) -> None:
    """While one transfer holds its locks, another goes through, and so do other things that are of other accounts."""
    with books.app.transaction():
        _send(books, 0, accounts, 1, 7)
        _send(beside, 2, accounts, 3, 11)
        _ask(beside, "hold", OWNERS[2], accounts[2], accounts[3], 5, "EUR", "", datetime.now(UTC) + timedelta(hours=1))
        _ask(beside, "open_account", OWNERS[0], "EUR", "")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            _send(beside, 1, accounts, 3, 1)
>>>>>>> main
    assert books.rows("SELECT * FROM money.violations()") == []
