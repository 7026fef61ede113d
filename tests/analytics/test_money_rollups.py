"""The sums by day are the ledger's: after any number of workers, killed at any moment."""

import asyncio
import contextlib
import os
import sys
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from analytics import money_rollups
from money import upkeep
from tests.money.administrators import administrator
from tests.people import People, Person

SUMMARY, TURNOVER = "/v1/analytics/money/summary", "/v1/analytics/admin/money/turnover"


async def _send(payer: Person, source: str, target: str, amount: int) -> None:
    order = {"from_account_id": source, "to_account_id": target, "amount": amount, "currency": "EUR"}
    assert (await payer.post("/v1/money/transfers", order)).status_code == 201


def _connect(database: str, user: str) -> psycopg.Connection[Any]:
    url = make_url(database)
    return psycopg.connect(user=user, dbname=url.database, host=str(url.query["host"]))


def _differences(database: str) -> list[Any]:
    with _connect(database, "postgres") as connection:
        return connection.execute("SELECT * FROM analytics.money_differences").fetchall()


async def test_a_summary_is_the_same_before_and_after_it_is_rolled_up(ada: Person, bob: Person, database: str) -> None:
    hers, his = await ada.account(500), await bob.account()
    await _send(ada, hers, his, 120)
    before = (await ada.get(SUMMARY)).json()
    assert before["items"][0]["balance"] == 380
    await upkeep.publish()
    assert (await ada.get(SUMMARY)).json() == before
    await money_rollups.roll_up()
    assert (await ada.get(SUMMARY)).json() == before
    await _send(ada, hers, his, 80)
    (day,) = (await ada.get(SUMMARY)).json()["items"]
    assert (day["inflow"], day["outflow"], day["balance"]) == (500, 200, 300)
    assert _differences(database) == []


async def test_many_workers_count_each_transaction_once(ada: Person, bob: Person, database: str) -> None:
    hers, his = await ada.account(1000), await bob.account()
    for _ in range(20):
        await _send(ada, hers, his, 7)
    await upkeep.publish()
    await asyncio.gather(*(money_rollups.roll_up() for _ in range(8)))
    await money_rollups.roll_up()
    assert _differences(database) == []
    (day,) = (await bob.get(SUMMARY)).json()["items"]
    assert (day["inflow"], day["outflow"]) == (140, 0)


async def test_a_worker_that_is_killed_leaves_nothing_counted_twice(ada: Person, bob: Person, database: str) -> None:
    hers, his = await ada.account(1000), await bob.account()
    for _ in range(5):
        await _send(ada, hers, his, 3)
    await upkeep.publish()
    killed = _connect(database, "artel_analytics")
    killed.execute("SELECT analytics.roll_up(2000)")
    with _connect(database, "postgres") as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", [killed.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        killed.commit()
    await money_rollups.roll_up()
    assert _differences(database) == []
    (day,) = (await bob.get(SUMMARY)).json()["items"]
    assert day["inflow"] == 15


async def test_kinds_and_periods(ada: Person, bob: Person) -> None:
    hers, his = await ada.account(500), await bob.account()
    await _send(ada, hers, his, 120)
    kinds = (await ada.get("/v1/analytics/money/kinds")).json()["items"]
    assert [(k["kind"], k["inflow"], k["outflow"]) for k in kinds] == [("deposit", 500, 0), ("transfer", 0, 120)]
    (year,) = (await ada.get(SUMMARY, params={"every": "year"})).json()["items"]
    assert (year["inflow"], year["outflow"]) == (500, 120)
    assert (await ada.get(SUMMARY, params={"every": "hour"})).status_code == 422


async def test_turnover_is_for_administrators(people: People, ada: Person) -> None:
    await ada.account(500)
    assert (await ada.get(TURNOVER)).status_code == 403
    boss = await administrator(people, "Root")
    euro = [line for line in (await boss.get(TURNOVER)).json()["items"] if line["currency"] == "EUR"]
    assert euro[-1]["deposits"] >= 500
    assert euro[-1]["active_people"] >= 1


_MOVED_LONG_AGO = "INSERT INTO analytics.money_daily (account_id, day, kind, inflow, outflow, entries) VALUES (%s, %s, 'transfer', 1, 0, 1)"


async def test_cohorts_say_who_came_when_and_who_goes_on(
    people: People, ada: Person, bob: Person, database: str
) -> None:
    """Told of months long ago, which nobody else's money moved in."""
    cy, admin = await people.person("Cy"), await administrator(people)
    accounts = {who: await who.account() for who in (ada, bob, cy)}
    moved = {ada: ("1991-01-31", "1991-03-01", "1992-01-15"), bob: ("1991-01-01", "1991-01-02"), cy: ("1991-03-31",)}
    with _connect(database, "postgres") as connection:
        for who, days in moved.items():
            connection.cursor().executemany(_MOVED_LONG_AGO, [(accounts[who], day) for day in days])
    try:
        asked = {"from": "1991-01-20", "to": "1992-02-01"}
        shown = (await admin.get("/v1/analytics/admin/money/cohorts", params=asked)).json()["items"]
        assert (await ada.get("/v1/analytics/admin/money/cohorts")).status_code == 403
    finally:
        with _connect(database, "postgres") as connection:
            connection.execute("DELETE FROM analytics.money_daily WHERE day < '1993-01-01'")
    assert shown == [
        {"month": "1991-01-01", "people": 2, "active": [2, 0, 1, *[0] * 9, 1]},
        {"month": "1991-03-01", "people": 1, "active": [1]},
    ]
    assert _differences(database) == []


async def test_what_is_counted_cannot_be_changed_by_hand_unseen(ada: Person, database: str) -> None:
    await ada.account(500)
    await upkeep.publish()
    await money_rollups.roll_up()
    with _connect(database, "postgres") as connection:
        connection.execute("UPDATE analytics.money_daily SET inflow = inflow + 1 WHERE kind = 'deposit'")
        assert connection.execute("SELECT count(*) FROM analytics.money_differences").fetchone() != (0,)
        connection.rollback()


_WORKER = """
import asyncio
from analytics import money_rollups
money_rollups._MOST = 1
print("at it", flush=True)
asyncio.run(money_rollups.roll_up())
"""


async def test_a_process_that_is_killed_again_and_again_is_gone_on_from(
    ada: Person, bob: Person, database: str
) -> None:
    hers, his = await ada.account(10_000), await bob.account()
    for n in range(60):
        await _send(ada, hers, his, 1 + n)
    await upkeep.publish()
    paths = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    for _ in range(3):
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _WORKER, stdout=asyncio.subprocess.PIPE, env=paths
        )
        assert worker.stdout is not None
        assert await worker.stdout.readline() == b"at it\n"
        await asyncio.sleep(0.3)
        with contextlib.suppress(ProcessLookupError):
            worker.kill()
        await worker.wait()
        (day,) = (await bob.get(SUMMARY)).json()["items"]
        assert day["inflow"] == sum(range(1, 61))
    await money_rollups.roll_up()
    assert _differences(database) == []
    (day,) = (await bob.get(SUMMARY)).json()["items"]
    assert day["inflow"] == sum(range(1, 61))
