"""`make bench-money`: transfers per second, as ratios to stock pgbench TPC-B (scale 10) on the same cluster in the same round.

Each round measures everything once, in turn, so that what else the machine does falls on all alike; what is printed are
medians over the rounds. The work in the background (folding hot accounts, sealing) goes on meanwhile, in a process of its
own, as on a server.
"""

import argparse
import asyncio
import json
import random
import re
import secrets
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from auth import access_tokens, sessions
from auth.client import Client
from common.db import dispose_engines, transaction
from common.models.auth import User
from common.scopes import USER
from server import postgres
from tests.bench.load import request
from tests.bench.served import CHECKOUT, Served, database, served

PEOPLE, ACCOUNTS_EACH = 100, 100
CLIENTS = 8
CONNECTIONS = 64
BATCH = 50
HERE = Path(__file__).parent

GOALS = {
    "function, random pairs": 0.8,
    "function, one hot account": 1.0,
    "HTTP, random pairs": 0.35,
    "HTTP, one hot account": 0.35,
    f"HTTP, batches of {BATCH}": 3.0,
}


@dataclass(frozen=True)
class Payer:
    token: str
    owner: UUID
    accounts: list[UUID]


@dataclass(frozen=True)
class Bank:
    """Accounts with money, owned by people who are signed in, and one that everybody pays into."""

    payers: list[Payer]
    hot: UUID

    def pair(self) -> tuple[Payer, UUID, UUID]:
        payer = random.choice(self.payers)
        source = random.choice(payer.accounts)
        target = random.choice(random.choice(self.payers).accounts)
        return (payer, source, target) if target != source else self.pair()


async def people(count: int) -> list[tuple[UUID, str]]:
    async with transaction("auth") as session:
        emails = [f"bench.{secrets.token_hex(6)}@example.org" for _ in range(count)]
        made = [User(email=e, email_key=e, display_name="Bench", locale="en") for e in emails]
        session.add_all(made)
        await session.flush()
        found = [(person.id, await signed_in(session, person.id)) for person in made]
    await dispose_engines()
    return found


async def signed_in(session: AsyncSession, person: UUID) -> str:
    """A token, good for a quarter of an hour."""
    client = Client("127.0.0.1", "bench", "")
    started = await sessions.start(session, person, " ".join(sorted(USER)), "pwd", client)
    return await access_tokens.mint(session, started)


def connect(url: str, user: str = "postgres", name: str | None = None) -> psycopg.Connection:
    parts = make_url(url)
    return psycopg.connect(user=user, dbname=name or parts.database, host=str(parts.query["host"]), autocommit=True)


async def open_bank(url: str, people_count: int = PEOPLE, accounts_each: int = ACCOUNTS_EACH) -> Bank:
    """Nobody has money, but a large overdraft."""
    payers = await people(people_count)
    with connect(url) as connection:
        opened = connection.execute(
            """INSERT INTO money.accounts (owner_id, name, currency, normal_side, overdraft)
            SELECT owner, '', 'EUR', 'credit', 1000000000000 FROM unnest(%s::uuid[]) AS owner, generate_series(1, %s)
            RETURNING owner_id, id""",
            [[owner for owner, _ in payers], accounts_each],
        ).fetchall()
        hot = connection.execute(
            """INSERT INTO money.accounts (owner_id, name, currency, normal_side, overdraft, hot)
            VALUES (uuidv7(), '', 'EUR', 'credit', 0, true) RETURNING id"""
        ).fetchone()
        connection.execute("CREATE TABLE money.bench (n serial PRIMARY KEY, id uuid, owner uuid)")
        connection.execute("INSERT INTO money.bench (id, owner) SELECT id, owner_id FROM money.accounts WHERE NOT hot")
        connection.execute("GRANT SELECT ON money.bench TO artel_money")
        connection.execute("VACUUM ANALYZE money.bench")
        connection.execute("VACUUM ANALYZE money.accounts")
    assert hot is not None
    by_owner: dict[UUID, list[UUID]] = {}
    for owner, account in opened:
        by_owner.setdefault(owner, []).append(account)
    return Bank([Payer(token, owner, by_owner[owner]) for owner, token in payers], hot[0])


# pgbench ------------------------------------------------------------------------------------------------------------------

_CALL = """SELECT t.* FROM money.bench AS a, money.bench AS b, money.transfer(
    a.owner, uuidv4()::text, '\\x{fingerprint}'::bytea, a.id, {target}, 5::bigint, 'EUR', '') AS t
WHERE a.n = :payer AND b.n = :payee;
"""


def _script(folder: Path, name: str, target: str) -> Path:
    last = PEOPLE * ACCOUNTS_EACH
    lines = f"\\set payer random(1, {last // 2})\n\\set payee random({last // 2 + 1}, {last})\n"
    file = folder / f"{name}.sql"
    file.write_text(lines + _CALL.format(fingerprint="ab" * 32, target=target))
    return file


def _pgbench(url: str, user: str, name: str, seconds: float, *arguments: str) -> float:
    """Transactions per second, without connecting."""
    command = [str(postgres.binaries() / "pgbench"), "-h", str(make_url(url).query["host"]), "-U", user]
    command += ["-c", str(CLIENTS), "-j", "2", "-T", str(round(seconds)), *arguments, name]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    failed, found = re.search(r"failed transactions: (\d+)", said), re.search(r"tps = ([\d.]+)", said)
    if found is None or failed is None or failed[1] != "0":
        raise RuntimeError(said)
    return float(found[1])


# HTTP ---------------------------------------------------------------------------------------------------------------------


def _post(server: Served, path: str, payer: Payer, order: dict[str, Any]) -> bytes:
    headers = {"authorization": f"Bearer {payer.token}", "idempotency_key": secrets.token_hex(16)}
    return request("POST", f"{server.url}/v1/money/{path}", json.dumps(order).encode(), **headers)


def _order(source: UUID, target: UUID) -> dict[str, Any]:
    return {"from_account_id": str(source), "to_account_id": str(target), "amount": 5, "currency": "EUR"}


def singles(server: Served, bank: Bank, target: UUID | None) -> Iterator[bytes]:
    while True:
        payer, source, other = bank.pair()
        yield _post(server, "transfers", payer, _order(source, target or other))


def batches(server: Served, bank: Bank) -> Iterator[bytes]:
    while True:
        payer = random.choice(bank.payers)
        items: list[dict[str, Any]] = []
        while len(items) < BATCH:
            _, _, target = bank.pair()
            source = random.choice(payer.accounts)
            if source != target:
                items.append(_order(source, target))
        yield _post(server, "transfers/batch", payer, {"transfers": items})


def _http(server: Served, requests: Iterator[bytes], seconds: float, connections: int, transfers: int = 1) -> float:
    # Made beforehand: making them takes the client's time.
    ready = [next(requests) for _ in range(round(seconds * (4000 if transfers == 1 else 400)))]
    took = server.load(iter(ready), connections=connections, seconds=seconds)
    if set(took.statuses) != {201}:
        raise RuntimeError(str(dict(took.statuses)))
    return took.per_second * transfers


@contextmanager
def upkeep() -> Iterator[None]:
    """What the worker does, in a process of its own."""
    code = "import asyncio; from server.schedule import forever; from money.background import run_due; asyncio.run(forever(run_due, 2))"
    with subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def compare(url: str, folder: Path, rounds: int, seconds: float) -> None:
    bank = asyncio.run(open_bank(url))
    with connect(url) as connection:
        connection.execute("CREATE DATABASE tpcb")
    host = str(make_url(url).query["host"])
    pgbench = [str(postgres.binaries() / "pgbench"), "-h", host, "-U", "postgres"]
    subprocess.run([*pgbench, "-i", "-s", "10", "-q", "tpcb"], check=True, capture_output=True)
    random_pairs, hot = _script(folder, "random", "b.id"), _script(folder, "hot", f"'{bank.hot}'::uuid")
    with served(path="/v1/money/health") as server, upkeep():
        ways: dict[str, Callable[[], float]] = {
            "TPC-B": lambda: _pgbench(url, "postgres", "tpcb", seconds),
            "function, random pairs": lambda: _pgbench(
                url, "artel_money", "artel", seconds, "-n", "-M", "prepared", "-f", str(random_pairs)
            ),
            "function, one hot account": lambda: _pgbench(
                url, "artel_money", "artel", seconds, "-n", "-M", "prepared", "-f", str(hot)
            ),
            "HTTP, random pairs": lambda: _http(server, singles(server, bank, None), seconds, CONNECTIONS),
            "HTTP, one hot account": lambda: _http(server, singles(server, bank, bank.hot), seconds, CONNECTIONS),
            f"HTTP, batches of {BATCH}": lambda: _http(server, batches(server, bank), seconds, CLIENTS, BATCH),
        }
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, run in ways.items():
                taken[name].append(run())
    print(f"\nTransfers per second, medians of {rounds} rounds of {seconds:.0f} s; TPC-B transactions = 1.00")
    base = taken.pop("TPC-B")
    print(f"  {'TPC-B (pgbench, scale 10, ' + str(CLIENTS) + ' clients)':40}{statistics.median(base):9.0f}/s   1.00")
    for name, values in taken.items():
        ratio = statistics.median(value / one for value, one in zip(values, base, strict=True))
        goal = GOALS[name]
        print(
            f"  {name:40}{statistics.median(values):9.0f}/s  {ratio:5.2f}   goal {goal:.2f} {'' if ratio >= goal else 'MISSED'}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="for each load")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    import os
    import tempfile

    os.environ["PUBLIC_URL"] = "http://localhost:8000"
    os.environ["JWT_ISSUER"] = "http://localhost:8000/v1/auth"
    with database() as url, tempfile.TemporaryDirectory() as folder:
        compare(url, Path(folder), options.rounds, options.seconds)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
