"""Operations without end against the model of the ledger: `python -m tests.money.fuzz --steps N --seed S`.

They are done in rounds, each from a seed of its own, S, S + 1 …; what fails is made as short as it can be and said with the
command that does it again.
"""

import argparse
import secrets
import sys
import time
from collections import Counter

import psycopg
from sqlalchemy.engine import make_url

from tests.bench.served import database
from tests.money.state_machine.books import Books
from tests.money.state_machine.machine import run

ROUND = 6000


def _without_durability(url: str) -> None:
    """Nobody keeps what is made here, and waiting for the disk is most of the time."""
    with psycopg.connect(user="postgres", host=str(make_url(url).query["host"]), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET synchronous_commit = off")
        connection.execute("SELECT pg_reload_conf()")


def fuzz(steps: int, number: int) -> None:
    seen: Counter[tuple[str, str]] = Counter()
    begun = time.monotonic()
    with database() as url:
        _without_durability(url)
        books = Books.of(url)
        try:
            while seen["", "step"] < steps:
                seen += run(books, steps=min(steps, ROUND), number=number)
                print(f"seed {number}: {seen['', 'step']} steps in {time.monotonic() - begun:.0f} s", flush=True)
                number += 1
        finally:
            books.close()
    for (function, what), times in sorted(seen.items()):
        if function:
            print(f"{function:20} {what:24} {times}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.money.fuzz")
    parser.add_argument("--steps", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    given = parser.parse_args()
    fuzz(given.steps, given.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
