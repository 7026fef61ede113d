"""Many more requests than connections: nobody waits for ever, PostgreSQL hears of no more than the pool holds, and what was
not done is said to be not done.
"""

import asyncio
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from httpx import Response
from sqlalchemy.engine import make_url

from common.db import dispose_engines, transaction
from common.settings import settings
from tests.money.parties import Sql
from tests.people import Person
from tests.servers import statuses

REQUESTS = 5000
TRANSFERS, BATCHES = "/v1/money/transfers", "/v1/money/transfers/batch"


@contextmanager
def _watched(database: str) -> Iterator[list[int]]:
    """How many connections of the group's there were, seen again and again; and the most of them first."""
    url = make_url(database)
    seen, over = [0], threading.Event()

    def watch() -> None:
        where = {"user": url.username, "dbname": url.database, "host": str(url.query["host"])}
        with psycopg.connect(**where, autocommit=True) as connection:  # type: ignore[arg-type]
            count = (
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'artel_money' AND datname = current_database()"
            )
            others = connection.execute(count).fetchone()  # of other processes, which this test asks for nothing
            while not over.wait(0.02):
                row = connection.execute(count).fetchone()
                assert row is not None
                assert others is not None
                seen.append(row[0] - others[0])
                seen[0] = max(seen)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


async def _done(ada: Person, keys: list[str], orders: dict[str, tuple[str, object]]) -> dict[str, Response]:
    answers = await asyncio.gather(*(ada.post(*orders[key], key) for key in keys))
    return dict(zip(keys, answers, strict=True))


async def _effects(ada: Person) -> dict[str, int]:
    """How many transactions each key of hers has led to."""
    query = """SELECT k.key, count(t.id) AS n
        FROM money.idempotency_keys AS k
        CROSS JOIN LATERAL (
            SELECT k.transaction_id AS id
            UNION ALL
            SELECT (item ->> 'transaction_id')::uuid FROM jsonb_array_elements(k.outcome -> 'items') AS item
        ) AS effect
        JOIN money.transactions AS t ON t.id = effect.id
        WHERE k.principal_id = %s AND t.kind = 'transfer' GROUP BY k.key"""
    async with transaction("money") as session:
        connection = await session.connection()
        return {row.key: row.n for row in await connection.exec_driver_sql(query, (ada.id,))}


async def test_five_thousand_requests_at_once_all_end_and_each_is_done_once(
    ada: Person, bob: Person, database: str
) -> None:
    hers, his = await ada.account(10 * REQUESTS), await bob.account()
    order = {"from_account_id": hers, "to_account_id": his, "amount": 1, "currency": "EUR"}
    keys = [secrets.token_hex(8) for _ in range(REQUESTS)]
    # One in ten takes a connection for itself.
    orders: dict[str, tuple[str, object]] = {
        key: (BATCHES, {"transfers": [order]}) if n % 10 == 0 else (TRANSFERS, order) for n, key in enumerate(keys)
    }
    await dispose_engines()  # so that all of this process's connections are counted
    with _watched(database) as backends:
        answers = await _done(ada, keys, orders)
    assert len(backends) > 1
    assert 0 < backends[0] <= settings().database_pool_size
    assert set(statuses(list(answers.values()))) == {201, 503}
    turned_away = [key for key, answer in answers.items() if answer.status_code == 503]
    assert all(int(answers[key].headers["retry-after"]) > 0 for key in turned_away)
    # What was acknowledged is there once, and what was not is not there.
    assert await _effects(ada) == {key: 1 for key in keys if key not in set(turned_away)}
    assert await bob.balance(his) == REQUESTS - len(turned_away)
    while turned_away:
        again = await _done(ada, turned_away[:500], orders)
        turned_away = turned_away[500:] + [key for key, answer in again.items() if answer.status_code == 503]
    assert await _effects(ada) == dict.fromkeys(keys, 1)
    assert (await ada.balance(hers), await bob.balance(his)) == (9 * REQUESTS, REQUESTS)


async def test_an_account_that_others_keep_for_too_long_is_no_error_of_ours(ada: Person, bob: Person, sql: Sql) -> None:
    hers, his = await ada.account(50), await bob.account()
    order = {"from_account_id": hers, "to_account_id": his, "amount": 1, "currency": "EUR"}
    sql("BEGIN")
    sql("SELECT FROM money.accounts WHERE id = %s FOR UPDATE", hers)
    asked = [(TRANSFERS, order), (BATCHES, {"transfers": [order]})]
    answers = await asyncio.gather(*(ada.post(path, body, path) for path, body in asked))
    sql("ROLLBACK")
    assert statuses(answers) == {503: 2}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
    assert [(await ada.post(path, body, path)).status_code for path, body in asked] == [201, 201]
    assert await bob.balance(his) == 2
