"""`make bench-analytics`, second part: the money summary of a million entries beside that of ten thousand, through HTTP.

Both accounts have moved on each day of a year; all is rolled up first, as it is within seconds of its happening, and how
long that took is told.
"""

import argparse
import asyncio
import os
import time

import httpx

from analytics.money_rollups import roll_up
from common.db import dispose_engines, transaction
from money import upkeep
from tests.bench.busy_account import fill, print_ratio, request_ms
from tests.bench.money import Payer, connect, open_bank, signed_in
from tests.bench.served import database, served

FEW, MANY, DAYS = 10_000, 1_000_000, 365
GOAL = 1.3


async def _rolled_up() -> int:
    await upkeep.publish()
    counted = await roll_up()
    await dispose_engines()
    return counted


async def _tokens(payers: list[Payer]) -> list[str]:
    """After the sealing of a million, which outlasts those from the beginning."""
    async with transaction("auth") as session:
        tokens = [await signed_in(session, payer.owner) for payer in payers]
    await dispose_engines()
    return tokens


def compare(url: str, repeats: int) -> None:
    bank = asyncio.run(open_bank(url, 2, DAYS + 1))
    small, busy = bank.payers
    last = max(
        fill(url, payer, payer.accounts[0], count, payer.accounts[1:], a_day=-(-count // DAYS))
        for payer, count in ((small, FEW), (busy, MANY))
    )
    begun = time.perf_counter()
    counted = asyncio.run(_rolled_up())
    print(f"\n{counted:,} transactions sealed and rolled up in {time.perf_counter() - begun:.0f} s")
    with connect(url) as connection:
        connection.execute("VACUUM ANALYZE")
    small_token, busy_token = asyncio.run(_tokens([small, busy]))
    paths = {
        "by month, of one account": "/v1/analytics/money/summary?from=2020-01-01&every=month&account_id={account}",
        "by day, of all accounts": "/v1/analytics/money/summary?from=2020-01-01&every=day",
        "kinds": "/v1/analytics/money/kinds?from=2020-01-01",
    }
    with served(path="/v1/analytics/health") as server, httpx.Client(base_url=server.url, timeout=120) as client:
        for name, path in paths.items():
            taken: dict[int, list[float]] = {FEW: [], MANY: []}
            for _ in range(repeats):
                for payer, count, token in ((small, FEW, small_token), (busy, MANY, busy_token)):
                    asked = f"{path.format(account=payer.accounts[0])}&to={last}"
                    taken[count] += request_ms(client, asked, {"Authorization": f"Bearer {token}"}, 1)
            print_ratio(name, taken, GOAL)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=40)
    options = parser.parse_args()
    os.environ["PUBLIC_URL"] = "http://localhost:8000"
    os.environ["JWT_ISSUER"] = "http://localhost:8000/v1/auth"
    with database() as url:
        compare(url, options.repeats)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
