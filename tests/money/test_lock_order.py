"""Whoever waits for a lock of the ledger waits in one order, so that nobody waits in a circle.

Each test brings requests into the only positions in which they could: one transaction holds what the first of them needs next,
and lets go of it when each of them waits, or has ended.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.money.state_machine.books import Answer, Books, Request

ADA, BOB, ROOT, BOSS = (UUID(int=n) for n in range(1, 5))
LATER = datetime.now(UTC) + timedelta(days=1)
BIG = 2**40 + 1

type Asked = Callable[[Books], Any]


@pytest.fixture
def accounts(books: Books) -> list[str]:
    """Of Ada, Bob, Ada, Bob, in the order of their ids, with money."""
    made = [_open(books, owner) for owner in (ADA, BOB, ADA, BOB)]
    for account, owner in zip(made, (ADA, BOB, ADA, BOB), strict=True):
        _done(_request("arrive", owner, account, 4 * BIG, "EUR")(books))
    return made


def _open(books: Books, owner: UUID) -> str:
    return str(_done(_request("open_account", owner, "EUR", "")(books))["account_id"])


def _request(function: str, principal: UUID, *args: Any) -> Asked:
    return lambda books: books.request(Request(function, principal, uuid4().hex, args))


def _transfer(principal: UUID, payer: str, payee: str, amount: int = 1) -> Asked:
    return _request("transfer", principal, payer, payee, amount, "EUR", "")


def _gathered(principal: UUID, payer: str, payee: str) -> Asked:
    requests = [Request("transfer", principal, uuid4().hex, (payer, payee, 1, "EUR", "")) for _ in range(2)]
    return lambda books: books.transfers(requests)


def _batch(principal: UUID, payer: str, payee: str) -> Asked:
    return _request("transfer_batch", principal, [payer], [payee], [1], ["EUR"], [""], True)


def _freeze(account: str) -> Asked:
    return lambda books: books.value("set_status", ROOT, None, account, "frozen", "a reason")


def _configure(books: Books, account: str, *, hot: bool) -> None:
    assert books.value("configure", ROOT, account, None, hot, "a reason") is None


def _limit(books: Books) -> None:
    books.value("set_limit", ROOT, None, "EUR", None, 10 * BIG, "a reason")


def _hold(books: Books, principal: UUID, payer: str, payee: str, amount: int = 5) -> str:
    order = (payer, payee, amount, "EUR", "", LATER)
    return str(_done(_request("hold", principal, *order)(books))["hold_id"])


def _done(answer: Answer) -> Answer:
    assert answer.get("refused") is None
    return answer


@contextmanager
def _held(books: Books, table: str, which: str) -> Iterator[None]:
    with books.superuser.transaction():
        column = "owner_id" if table == "spent" else "id"
        books.superuser.execute(f"SELECT FROM money.{table} WHERE {column} = %s FOR NO KEY UPDATE", [which])
        yield


def _wait_until_blocked(watcher: Books, other: Books, running: Future[Any]) -> None:
    """Or until it has ended, needing nothing that others have."""
    for _ in range(2000):
        (row,) = watcher.rows("SELECT cardinality(pg_blocking_pids(%s)) AS n", other.app.info.backend_pid)
        if row["n"] or running.done():
            return
        time.sleep(0.005)
    raise AssertionError("it neither waits nor ends")


def _knot(books: Books, table: str, which: str, *asked: Asked) -> list[Any]:
    """What they come to, when each waits for a lock before the next begins and the one in `which` is let go of at last."""
    with ExitStack() as stack:
        askers = [stack.enter_context(books.beside()) for _ in asked]
        pool = stack.enter_context(ThreadPoolExecutor())
        running: list[Future[Any]] = []
        with _held(books, table, which):
            for asker, one in zip(askers, asked, strict=True):
                running.append(pool.submit(one, asker))
                _wait_until_blocked(books, asker, running[-1])
        return [one.result(timeout=60) for one in running]


def test_a_capture_and_a_transfer_the_other_way(books: Books, accounts: list[str]) -> None:
    his, hers = accounts[1], accounts[2]
    hold = _hold(books, ADA, hers, his)
    captured, sent = _knot(books, "accounts", hers, _request("capture", BOB, hold, None), _transfer(BOB, his, hers))
    _done(captured)
    _done(sent)


def test_a_transfer_and_a_batch_of_one_person_with_a_daily_limit(books: Books, accounts: list[str]) -> None:
    _limit(books)
    for made in _knot(
        books, "accounts", accounts[0], _transfer(ADA, accounts[0], accounts[1]), _batch(ADA, accounts[0], accounts[1])
    ):
        _done(made)


def test_a_hold_and_a_batch_of_one_person_with_a_daily_limit(books: Books, accounts: list[str]) -> None:
    _limit(books)
    hold = _request("hold", ADA, accounts[0], accounts[1], 5, "EUR", "", LATER)
    for made in _knot(books, "accounts", accounts[0], hold, _batch(ADA, accounts[0], accounts[1])):
        _done(made)


def test_a_refund_to_a_hot_account_that_is_being_frozen(books: Books, accounts: list[str]) -> None:
    hot, his = accounts[:2]
    paid = _done(_transfer(ADA, hot, his)(books))["transaction_id"]
    _configure(books, hot, hot=True)
    refunded, frozen = _knot(books, "accounts", his, _request("refund", BOB, paid, None, ""), _freeze(hot))
    _done(refunded)
    assert frozen is None


def test_a_reversal_of_what_a_hot_account_paid_that_is_being_frozen(books: Books, accounts: list[str]) -> None:
    hot, his = accounts[:2]
    paid = _done(_transfer(ADA, hot, his)(books))["transaction_id"]
    _configure(books, hot, hot=True)
    reversed_, frozen = _knot(books, "accounts", his, _request("reverse", BOB, paid, "", False), _freeze(hot))
    _done(reversed_)
    assert frozen is None


def test_an_adjustment_of_a_hot_account_that_is_being_frozen(books: Books, accounts: list[str]) -> None:
    hot = accounts[0]
    _configure(books, hot, hot=True)
    proposed = _done(_request("propose_adjustment", BOSS, hot, 5, "EUR", "a reason")(books))["adjustment_id"]
    posted, frozen = _knot(
        books, "adjustments", proposed, _request("decide_adjustment", ROOT, proposed, True), _freeze(hot)
    )
    _done(posted)
    assert frozen is None


def test_payments_to_and_from_a_hot_account_that_is_being_frozen(books: Books, accounts: list[str]) -> None:
    hot, his = accounts[0], accounts[1]
    _configure(books, hot, hot=True)
    out, frozen, back = _knot(books, "accounts", hot, _gathered(ADA, hot, his), _freeze(hot), _gathered(BOB, his, hot))
    for made in (*out, *back):
        _done(made)
    assert frozen is None


def test_large_payments_to_and_from_a_hot_account(books: Books, accounts: list[str]) -> None:
    hot, his = accounts[0], accounts[1]
    _configure(books, hot, hot=True)
    for made in _knot(books, "accounts", his, _transfer(BOB, his, hot, BIG), _transfer(ADA, hot, his, 1)):
        _done(made)


def test_a_large_capture_by_a_hot_account_that_pays(books: Books, accounts: list[str]) -> None:
    hot, hers = accounts[1], accounts[2]
    _configure(books, hot, hot=True)
    hold = _hold(books, ADA, hers, hot, BIG)
    captured, sent = _knot(books, "accounts", hers, _request("capture", BOB, hold, None), _transfer(BOB, hot, hers))
    _done(captured)
    _done(sent)
