"""Payments wait for locks in the order of everything else, brought into the only positions in which they could wait in a circle."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, LiteralString
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.money.paying import WITHDRAWALS, Sql, order
from tests.people import Person

type Connect = Callable[[], psycopg.Connection]
type Asked = tuple[LiteralString, list[Any]]
_SETTLE: LiteralString = "SELECT money.settle_payment(%s, NULL, %s, 120, 'EUR', NULL)"


@pytest.fixture
def connect(database: str) -> Iterator[Connect]:
    """Connections as the owner of everything."""
    url = make_url(database)
    with ExitStack() as stack:

        def made() -> psycopg.Connection:
            opened = psycopg.connect(user="artel", dbname=url.database, host=str(url.query["host"]), autocommit=True)
            return stack.enter_context(opened)

        yield made


def _knot(connect: Connect, account: str, *asked: Asked) -> list[Any]:
    """What they come to, when each waits for a lock before the next begins, and the account is let go of at last."""
    watcher, holder = connect(), connect()
    with ThreadPoolExecutor() as pool:
        running: list[Future[Any]] = []
        with holder.transaction():
            holder.execute("SELECT FROM money.accounts WHERE id = %s FOR NO KEY UPDATE", [account])
            for statement, values in asked:
                asker = connect()
                running.append(
                    pool.submit(lambda *one: one[0].execute(one[1], one[2]).fetchall(), asker, statement, values)
                )
                _wait_until_blocked(watcher, asker.info.backend_pid, running[-1])
        return [one.result(timeout=60) for one in running]


def _wait_until_blocked(watcher: psycopg.Connection, pid: int, running: Future[Any]) -> None:
    for _ in range(2000):
        blocked = watcher.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [pid]).fetchone()
        if blocked == (True,) or running.done():
            return
        time.sleep(0.005)
    raise AssertionError("it neither waits nor ends")


async def test_a_withdrawal_comes_back_to_a_hot_account_that_is_being_frozen(
    ada: Person, sql: Sql, connect: Connect
) -> None:
    account = await ada.account(500)
    sql("SELECT money.configure(uuidv7(), %s, NULL, true, 'in a test')", account)
    paid = (await ada.post(WITHDRAWALS, order(account, 120))).json()
    freeze: Asked = ("SELECT money.set_status(uuidv7(), NULL, %s, 'frozen', 'in a test')", [account])
    assert _knot(connect, account, freeze, (_SETTLE, [paid["id"], "failed"])) == [[(None,)], [(None,)]]
    assert await ada.balance(account) == 500


async def test_a_withdrawal_fails_while_its_owner_who_has_a_limit_makes_another(
    ada: Person, sql: Sql, connect: Connect
) -> None:
    account = await ada.account(500)
    sql("SELECT money.set_limit(uuidv7(), %s, 'EUR', NULL, 300, 'in a test')", ada.id)
    waits = (await ada.post(WITHDRAWALS, order(account, 120, destination="pending"))).json()
    begin: Asked = (
        "SELECT money.begin_withdrawal(%s, %s, '', %s, 100, 'EUR', 'sandbox', NULL) ->> 'refused'",
        [ada.id, uuid4().hex, account],
    )
    assert _knot(connect, account, (_SETTLE, [waits["id"], "failed"]), begin) == [[(None,)], [(None,)]]
    spent = sql("SELECT amount FROM money.spent WHERE owner_id = %s", ada.id)
    assert spent == [(100,)]
