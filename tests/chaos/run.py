"""`make chaos`: a crowd moves money while servers, PostgreSQL and the network between them are killed, for a bounded time.

Every request is sent with its key until it is answered. Then: each has exactly one effect, nothing acknowledged is lost, the
books are right. Prints what it did and found; fails if any of that does not hold.
"""

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg

from common.database_url import parse
from common.settings import settings
from migrations.migrate import migrate
from tests.bench.money import open_bank
from tests.chaos import audit
from tests.chaos.clients import Crowd
from tests.chaos.network import Network
from tests.chaos.parts import Cluster, Server

_REPLAYS = 500


@dataclass
class Trouble:
    """What can go wrong, one after the other, each followed by what an operator or a supervisor would do."""

    cluster: Cluster
    network: Network
    servers: list[Server]
    chance: random.Random
    counts: Counter[str] = field(default_factory=Counter)

    async def make(self) -> None:
        kinds: list[Callable[[], Awaitable[None]]] = [
            self._server_killed,
            self._postgres_killed,
            self._backend_killed,
            self._backends_terminated,
            self._network_cut,
            self._network_down,
            self._network_stalled,
        ]
        await self.chance.choice(kinds)()

    async def _server_killed(self) -> None:
        server = self.chance.choice(self.servers)
        server.kill()
        server.start()
        await server.ready()
        self.counts["server killed with -9"] += 1

    async def _postgres_killed(self) -> None:
        self.cluster.kill()
        await asyncio.to_thread(self.cluster.start)
        self.counts["PostgreSQL killed with -9"] += 1

    async def _backend_killed(self) -> None:
        if self.cluster.kill_a_backend(b"artel_money"):
            self.counts["backend killed with -9"] += 1

    async def _backends_terminated(self) -> None:
        ended = await asyncio.to_thread(self._terminate)
        self.counts["backends terminated"] += ended

    def _terminate(self) -> int:
        query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'artel_money'"
        try:
            with self.connect() as connection:
                row = connection.execute(query).fetchone()
        except psycopg.OperationalError:
            return 0  # PostgreSQL itself is coming up
        assert row
        return int(row[0])

    async def _network_cut(self) -> None:
        self.counts["connections cut"] += self.network.cut()

    async def _network_down(self) -> None:
        self.network.down = True
        self.network.cut()
        await asyncio.sleep(1)
        self.network.down = False
        self.counts["network down for a second"] += 1

    async def _network_stalled(self) -> None:
        self.network.stall()
        await asyncio.sleep(1)
        self.network.cut()
        self.network.flow()
        self.counts["network stalled, then cut"] += 1

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(user="postgres", dbname="artel", host=str(self.cluster.server.sockets), autocommit=True)


def _report(title: str, counts: Counter[str]) -> None:
    print(f"\n{title}")
    for name, count in sorted(counts.items()):
        print(f"  {count:8,}  {name}")


async def _replay(crowd: Crowd) -> list[str]:
    """What is asked again long after is answered as it was then."""
    different = []
    async with httpx.AsyncClient(timeout=20) as client:
        for answer in crowd.chance.sample(crowd.answers, min(_REPLAYS, len(crowd.answers))):
            headers = {"Authorization": f"Bearer {answer.payer.token}", "Idempotency-Key": answer.key}
            url = f"{crowd.urls[0]}/v1/money/{answer.path}"
            again = await client.post(url, json=answer.order, headers=headers)
            while again.status_code == httpx.codes.SERVICE_UNAVAILABLE:  # a connection that has died meanwhile
                again = await client.post(url, json=answer.order, headers=headers)
            told = {name: value for name, value in again.json().items() if name != "request_id"}
            first = {name: value for name, value in answer.body.items() if name != "request_id"}
            # A hold is told as it is now.
            same = told["id"] == first["id"] if "expires_at" in first else told == first
            if again.status_code != answer.status or not same:
                different.append(f"{answer.path}: {answer.status} {first}, then {again.status_code} {told}")
    return different


async def run(seconds: float, seed: int, people: int) -> int:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="artel-chaos-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        root.chmod(0o755)
        (root / "run").mkdir()
        cluster = Cluster(root)
        cluster.start()
        servers: list[Server] = []
        network = Network(cluster.socket)
        try:
            os.environ.update({"DATABASE_URL": cluster.server.url, "ENVIRONMENT": "local", "LOG_LEVEL": "ERROR"})
            settings.cache_clear()
            await asyncio.to_thread(migrate, parse(cluster.server.url))
            bank = await open_bank(cluster.server.url, 8, 4)
            port = await network.start()
            servers += [Server(f"postgresql://artel@127.0.0.1:{port}/artel") for _ in range(2)]
            for server in servers:
                server.start()
            for server in servers:
                await server.ready()
            crowd = Crowd(bank, [server.url for server in servers], chance)
            trouble = Trouble(cluster, network, servers, chance)
            return await _play(crowd, trouble, time.monotonic() + seconds, people)
        finally:
            for server in servers:
                server.kill()
            await network.stop()
            cluster.server.stop()


async def _play(crowd: Crowd, trouble: Trouble, end: float, people: int) -> int:
    crowd_at_work = asyncio.create_task(crowd.work(lambda: time.monotonic() < end, people))
    while time.monotonic() < end and not crowd_at_work.done():
        await asyncio.sleep(crowd.chance.uniform(0.3, 1.5))
        await trouble.make()
    await crowd_at_work
    different = await _replay(crowd)
    with trouble.connect() as connection:
        lost = audit.lost_or_twice(connection, crowd.answers)
        surplus = audit.effects_without_a_key(connection)
        connection.execute("SELECT money.fold_all()")
        connection.execute("SELECT money.publish(1000000)")
        wrong = audit.violations(connection)
        seals = connection.execute("SELECT wrong FROM money.verify_seals(1, 1000000)").fetchone()
    assert seals
    _report("What was done to it", trouble.counts)
    _report("What people were answered", crowd.counts)
    findings = {
        "requests acknowledged": len(crowd.answers),
        "acknowledged and lost, or done twice": len(lost),
        "effects that no key speaks of": surplus,
        f"answers that differ when asked again (of {min(_REPLAYS, len(crowd.answers))})": len(different),
        "rules of the ledger broken": len(wrong),
        "seals that are wrong": int(seals[0] is not None),
    }
    _report("What is left of it", Counter(findings))
    for line in [*lost[:10], *different[:10], *map(str, wrong[:10])]:
        print("  !", line)
    return int(any([lost, surplus, different, wrong, seals[0] is not None]) or not crowd.answers)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.run", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--people", type=int, default=16)
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.seconds:.0f} seconds")
    os.environ["PUBLIC_URL"] = "http://localhost:8000"
    os.environ["JWT_ISSUER"] = "http://localhost:8000/v1/auth"
    return asyncio.run(run(options.seconds, options.seed, options.people))


if __name__ == "__main__":
    raise SystemExit(main())
