"""`make bench-posts`: reads of 100,000 posts, as ratios to constant bytes of the same size by Starlette in the same round.

Each round measures everything once, in turn, so that what else the machine does falls on all alike; what is printed are
medians over the rounds. One uvicorn process each, 32 connections.
"""

import argparse
import asyncio
import os
import statistics
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from common.pagination import encode_cursor
from tests.bench.load import Load, request
from tests.bench.money import connect, people
from tests.bench.seeding import seed
from tests.bench.served import Served, database, served

POSTS = 100_000
CONNECTIONS = 32
PAGE = 20
DEEP = 5_000
MOST_P99 = 10

GOALS = {
    "list": 0.55,
    "list of a tag": 0.55,
    "one post": 0.55,
    "list, 304": 0.7,
    "one post, 304": 0.7,
    "list, cache off": 0.17,
    "list, signed in": 0.12,
}


@dataclass
class Way:
    run: Callable[[], Load]
    taken: list[Load] = field(default_factory=list)

    def ratio(self, base: "Way") -> float:
        return statistics.median(a.per_second / b.per_second for a, b in zip(self.taken, base.taken, strict=True))


def _etag(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own
        return str(answer.headers["etag"])


def _size(url: str) -> int:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own
        return len(answer.read())


def page_cursor(url: str, page: int) -> str:
    """Of the page after `page` - 1 pages."""
    with connect(url) as connection:
        row = connection.execute(
            """SELECT published_at, id FROM posts.posts WHERE deleted_at IS NULL AND published_at IS NOT NULL
            ORDER BY published_at DESC, id DESC OFFSET %s LIMIT 1""",
            [(page - 1) * PAGE - 1],
        ).fetchone()
    assert row is not None
    return encode_cursor(row)


def _ways(database_url: str, servers: dict[str, Served], token: str, seconds: float) -> dict[str, Way]:
    def way(server: str, path: str, status: int = 200, **headers: str) -> Way:
        asked = [request("GET", servers[server].url + path, b"", **headers)]

        def run() -> Load:
            took = servers[server].load(asked, connections=CONNECTIONS, seconds=seconds)
            if set(took.statuses) != {status}:
                raise RuntimeError(f"{path}: {dict(took.statuses)}")
            return took

        return Way(run)

    cached = servers["cached"].url
    posts = "/v1/posts"
    with connect(database_url) as connection:
        found = connection.execute("SELECT id FROM posts.posts ORDER BY published_at DESC LIMIT 1").fetchone()
    assert found is not None
    one = f"{posts}/{found[0]}"
    deep = f"{posts}?cursor={page_cursor(database_url, DEEP)}"
    return {
        "constant": way("constant", "/v1/constant"),
        "list": way("cached", posts),
        "list of a tag": way("cached", f"{posts}?tag=tag1"),
        "one post": way("cached", one),
        "list, 304": way("cached", posts, 304, if_none_match=_etag(cached + posts)),
        "one post, 304": way("cached", one, 304, if_none_match=_etag(cached + one)),
        "list, cache off": way("uncached", posts),
        f"page {DEEP}, cache off": way("uncached", deep),
        "list, signed in": way("cached", posts, authorization=f"Bearer {token}"),
    }


def compare(database_url: str, rounds: int, seconds: float) -> bool:
    seed(database_url, POSTS)
    token = asyncio.run(people(1))[0][1]
    with ExitStack() as stack:
        servers = {
            "cached": stack.enter_context(served(path="/v1/posts/health", GROUPS="posts")),
            "uncached": stack.enter_context(served(path="/v1/posts/health", GROUPS="posts", POSTS_CACHE_S="0")),
        }
        size = str(_size(servers["cached"].url + "/v1/posts"))
        constant = served("tests.bench.constant:app", "/v1/constant", CONSTANT_BYTES=size)
        servers["constant"] = stack.enter_context(constant)
        ways = _ways(database_url, servers, token, seconds)
        for _ in range(rounds):
            for way in ways.values():
                way.taken.append(way.run())
    print(
        f"\n{POSTS:,} posts, {size} bytes a page; medians of {rounds} rounds of {seconds:.0f} s; constant bytes = 1.00"
    )
    return _print(ways)


def _print(ways: dict[str, Way]) -> bool:
    base = ways["constant"]
    fine = True
    for name, way in ways.items():
        ratio, goal = way.ratio(base), GOALS.get(name)
        p99 = statistics.median(load.p99 for load in way.taken) * 1000
        rate = statistics.median(load.per_second for load in way.taken)
        fine &= goal is None or ratio >= goal
        wanted = "" if goal is None else f"goal {goal:.2f}{' MISSED' if ratio < goal else ''}"
        print(f"  {name:24}{rate:9.0f}/s {ratio:6.2f}   p99 {p99:6.1f} ms   {wanted}")
    deep = 1 / ways[f"page {DEEP}, cache off"].ratio(ways["list, cache off"])
    tail = statistics.median(a.p99 / b.p99 for a, b in zip(ways["list"].taken, ways["constant"].taken, strict=True))
    for name, value, most in ((f"page {DEEP} against page 1", deep, 1.2), ("p99 of the list", tail, MOST_P99)):
        fine &= value <= most
        print(f"  {name:24}{value:18.2f}   goal at most {most}{' MISSED' if value > most else ''}")
    signed, plain = ways["list, signed in"], ways["list"]
    costs = statistics.median(
        1e6 / a.per_second - 1e6 / b.per_second for a, b in zip(signed.taken, plain.taken, strict=True)
    )
    print(f"  To look the session up and read what is newest costs {costs:.0f} µs of a signed-in reader's request.")
    return fine


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="for each load")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    os.environ["PUBLIC_URL"] = "http://localhost:8000"
    os.environ["JWT_ISSUER"] = "http://localhost:8000/v1/auth"
    with database() as url:
        compare(url, options.rounds, options.seconds)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
