"""`make bench-money`, second part: a busy account with a million entries, beside one with a thousand, through HTTP.

Balance, a page of the history, the page in its middle, the balance at a moment and the statement of a day with a hundred
lines: the ratio of their times says how much of the work grows with the account.
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from common.pagination import encode_cursor
from tests.bench.money import Payer, connect, open_bank
from tests.bench.served import database, served

FEW, MANY = 1_000, 1_000_000
A_DAY = 100
GOAL = 1.5

# So many entries a day until yesterday, each a transfer of 5 to one of the others, which are as many as there are days.
_FILL = """
WITH numbers AS (
    SELECT n, uuidv7() AS id, %(first)s::timestamptz + (n - 1) / %(a_day)s * interval '1 day'
        + (n - 1) %% %(a_day)s * interval '1 day' / %(a_day)s AS at,
        (%(others)s::uuid[])[1 + (n - 1) / %(a_day)s %% cardinality(%(others)s::uuid[])] AS other
    FROM generate_series(1, %(count)s) AS n
), journal AS (
    INSERT INTO money.transactions (id, kind, description, created_by, sides, posted_at)
    SELECT id, 'transfer', 'Rent', %(owner)s, 2, at FROM numbers
), seals AS (
    INSERT INTO money.outbox SELECT id FROM numbers
)
INSERT INTO money.entries (transaction_id, account_id, account_version, currency, side, amount, balance_after, booked_at)
SELECT id, %(account)s, n, 'EUR', 'debit'::money.side, 5, -5 * n, at FROM numbers
UNION ALL
SELECT id, other, v.last + row_number() OVER w, 'EUR', 'credit'::money.side, 5, v.balance + 5 * row_number() OVER w, at
FROM numbers JOIN LATERAL (
    SELECT version AS last, credits - debits AS balance FROM money.accounts WHERE accounts.id = other
) AS v ON true
WINDOW w AS (PARTITION BY other ORDER BY n)
"""
_COUNT = """UPDATE money.accounts AS a SET debits = e.debits, credits = e.credits, version = e.version
FROM (
    SELECT account_id, coalesce(sum(amount) FILTER (WHERE side = 'debit'), 0) AS debits,
        coalesce(sum(amount) FILTER (WHERE side = 'credit'), 0) AS credits, max(account_version) AS version
    FROM money.entries GROUP BY account_id
) AS e WHERE a.id = e.account_id"""


def fill(url: str, payer: Payer, account: UUID, count: int, others: list[UUID], a_day: int = A_DAY) -> date:
    """Returns the last day with entries. Without triggers: a million one by one would take an hour; the books are checked after."""
    last = datetime.now(UTC).date() - timedelta(days=1)
    first = last - timedelta(days=-(-count // a_day) - 1)
    with connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        values: dict[str, Any] = {"first": first.isoformat() + "T00:00:00Z", "a_day": a_day, "count": count}
        connection.execute(_FILL.encode(), {**values, "others": others, "owner": payer.owner, "account": account})
        connection.execute(_COUNT.encode())
    return last


def request_ms(client: httpx.Client, path: str, headers: dict[str, str], repeats: int) -> list[float]:
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        answer = client.get(path, headers=headers)
        times.append((time.perf_counter() - begun) * 1000)
        if answer.status_code != httpx.codes.OK:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:300]}")
    return times


def print_ratio(name: str, taken: dict[int, list[float]], goal: float) -> None:
    """Of many entries to few; the first fifth of the requests is for warming up."""
    (few, few_ms), (many, many_ms) = (
        (count, statistics.median(times[len(times) // 5 :])) for count, times in sorted(taken.items())
    )
    ratio, verdict = many_ms / few_ms, "" if many_ms / few_ms <= goal else "MISSED"
    print(
        f"  {name:30} {few:,} entries {few_ms:6.1f} ms, {many:,} {many_ms:6.1f} ms   ratio {ratio:.2f}   goal {goal} {verdict}"
    )


def compare(url: str, repeats: int) -> None:
    bank = asyncio.run(open_bank(url, 2, 1001))
    small, busy = bank.payers
    accounts = ((small, small.accounts[0], FEW), (busy, busy.accounts[0], MANY))
    begun = time.perf_counter()
    last = max(fill(url, payer, account, count, payer.accounts[1:]) for payer, account, count in accounts)
    with connect(url) as connection:
        wrong = connection.execute("SELECT * FROM money.violations() LIMIT 3").fetchall()
        if wrong:
            raise RuntimeError(str(wrong))
        connection.execute("VACUUM ANALYZE")
    print(f"\nFilled in {time.perf_counter() - begun:.0f} s. Medians of {repeats} requests each, in turn")
    ways: dict[str, Callable[[int], str]] = {
        "balance": lambda _count: "",
        "history, first page of 100": lambda _count: "/entries?limit=100",
        "history, page in the middle": lambda count: f"/entries?limit=100&cursor={encode_cursor([count // 2])}",
        "balance at a moment": lambda _count: f"/balance?at={last - timedelta(days=3)}T12:00:00Z",
        "statement of a day, JSON": lambda _count: f"/statement?from={last}&to={last}",
        "statement of a day, CSV": lambda _count: f"/statement?from={last}&to={last}&format=csv",
    }
    with served(path="/v1/money/health") as server, httpx.Client(base_url=server.url, timeout=120) as client:
        for name, path in ways.items():
            taken: dict[int, list[float]] = {FEW: [], MANY: []}
            for _ in range(repeats):
                for payer, account, count in accounts:
                    headers = {"Authorization": f"Bearer {payer.token}"}
                    taken[count] += request_ms(client, f"/v1/money/accounts/{account}{path(count)}", headers, 1)
            print_ratio(name, taken, GOAL)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=60)
    options = parser.parse_args()
    os.environ["PUBLIC_URL"] = "http://localhost:8000"
    os.environ["JWT_ISSUER"] = "http://localhost:8000/v1/auth"
    with database() as url:
        compare(url, options.repeats)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
