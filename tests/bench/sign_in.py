"""`make bench-sign-in`: logins per second and their time under load, what identity adds to a request, what memory holds.

The limit of a login is its password hash: how many of those two threads make is measured in the same run, with nothing
around them.
"""

import argparse
import asyncio
import json
import os
import secrets
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psutil

from auth import access_tokens, passwords, sessions
from auth.client import Client
from common.db import dispose_engines, transaction
from common.models.auth import User
from common.scopes import USER
from tests.bench.load import Load, request
from tests.bench.served import Served, database, served

_PASSWORD = "correct horse battery staple"
_PEOPLE = 400
_GB = 1024**3
_UNLIMITED = "register=1000000/1,login-address=1000000/1"


async def _people(count: int) -> tuple[list[str], str]:
    """Addresses of people who all have the same password, and an access token of the first."""
    stored = await passwords.hash_password(_PASSWORD)
    emails = [f"bench.{secrets.token_hex(6)}@example.org" for _ in range(count)]
    async with transaction("auth") as session:
        people = [User(email=e, email_key=e, display_name="Bench", locale="en", password_hash=stored) for e in emails]
        session.add_all(people)
        await session.flush()
        scope = " ".join(sorted(USER))
        signed_in = await sessions.start(session, people[0].id, scope, "pwd", Client("127.0.0.1", "bench", ""))
        token = await access_tokens.mint(session, signed_in)
    await dispose_engines()
    return emails, token


def _hashes_per_second(seconds: float) -> float:
    """Bare Argon2id with our parameters, on as many threads as there are cores."""
    context, end = passwords._context(), time.perf_counter() + seconds

    def work() -> int:
        count = 0
        while time.perf_counter() < end:
            context.hash(_PASSWORD)
            count += 1
        return count

    threads = os.process_cpu_count() or 1
    with ThreadPoolExecutor(threads) as pool:
        return sum(future.result() for future in [pool.submit(work) for _ in range(threads)]) / seconds


@contextmanager
def _peak(process: psutil.Process) -> Iterator[list[int]]:
    """The largest resident size, in bytes, while the block runs, as the list's last item."""
    seen, done = [process.memory_info().rss], threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            seen.append(max(seen[-1], process.memory_info().rss))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def _line(name: str, took: Load, ratio: str = "") -> None:
    told = f"{took.per_second:8.1f}/s  median {took.median * 1000:7.1f} ms  p95 {took.p95 * 1000:7.1f} ms"
    print(f"  {name:34}{told}  {ratio}")
    if set(took.statuses) != {200}:
        raise RuntimeError(f"{name}: {dict(took.statuses)}")


def logins(server: Served, emails: list[str], seconds: float) -> None:
    url = server.url + "/v1/auth/login"
    orders = [json.dumps({"email": e, "password": _PASSWORD, "transport": "body"}).encode() for e in emails]
    requests = [request("POST", url, order) for order in orders]
    limit = _hashes_per_second(seconds / 2)
    print(f"\nLogins, one process; bare hashes on {os.process_cpu_count()} threads: {limit:.1f}/s = 1.00")
    for connections in (1, 4, 16, 64):
        took = server.load(requests, connections=connections, seconds=seconds)
        _line(f"{connections} at once", took, f"ratio {took.per_second / limit:.2f}")


def identity(token: str, rounds: int, seconds: float) -> None:
    """In turn, so that what else the machine does falls on both."""
    with served("tests.bench.identity_app:app") as server:
        ways = {
            "without identity": [request("GET", server.url + "/v1/auth/open")],
            "with identity": [request("GET", server.url + "/v1/auth/closed", authorization=f"Bearer {token}")],
        }
        taken: dict[str, list[Load]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, requests in ways.items():
                taken[name].append(server.load(requests, connections=16, seconds=seconds))
    print("\nThe same route without and with identity (token verified, session looked up), 16 connections")
    without, with_ = taken.values()
    ratios = [closed.per_second / bare.per_second for bare, closed in zip(without, with_, strict=True)]
    for name, loads in taken.items():
        _line(name, sorted(loads, key=lambda load: load.per_second)[rounds // 2])
    added = [(1 / closed.per_second - 1 / bare.per_second) * 1000 for bare, closed in zip(without, with_, strict=True)]
    print(
        f"  ratio {statistics.median(ratios):.2f}; identity adds {statistics.median(added):.2f} ms of the server's time"
    )


def memory(server: Served, emails: list[str], seconds: float) -> None:
    """Hashing is bounded; who waits for it costs little more than a connection."""
    url = server.url + "/v1/auth/login"
    orders = [json.dumps({"email": e, "password": _PASSWORD, "transport": "body"}).encode() for e in emails]
    requests = [request("POST", url, order) for order in orders]
    idle = server.process.memory_info().rss
    peaks = {}
    for connections in (8, len(emails)):
        with _peak(server.process) as seen:
            server.load(requests, connections=connections, seconds=seconds)
        peaks[connections] = seen[-1]
        print(
            f"  {connections:4} sign-ins at once: {seen[-1] / 2**20:6.0f} MiB at the most (idle {idle / 2**20:.0f} MiB)"
        )
    few, many = peaks
    waiting = max((peaks[many] - peaks[few]) / (many - few), 1)
    hash_bytes = passwords._MEMORY_KIB * 1024
    print(f"  1 GB holds {(_GB - peaks[few]) / waiting:,.0f} waiting sign-ins at {waiting / 1024:.0f} KiB each,")
    print(
        f"  or {(_GB - idle) // hash_bytes:.0f} hashes at once at {hash_bytes / 2**20:.0f} MiB if they were not bounded"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="for each load")
    parser.add_argument("--rounds", type=int, default=5, help="of the comparison with and without identity")
    options = parser.parse_args()
    os.environ["PUBLIC_URL"] = "http://localhost:8000"
    os.environ["JWT_ISSUER"] = "http://localhost:8000/v1/auth"
    with database():
        emails, token = asyncio.run(_people(_PEOPLE))
        with served(RATE_LIMITS=_UNLIMITED) as server:
            logins(server, emails, options.seconds)
            print("\nMemory of one process")
            memory(server, emails, options.seconds)
        identity(token, options.rounds, options.seconds / 2)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
