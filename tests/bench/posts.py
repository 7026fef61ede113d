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
from tests.bench import wrk
from tests.bench.load import Load, request
from tests.bench.money import connect, people
from tests.bench.seeding import COMMON, RARE, seed
from tests.bench.served import Served, database, served

POSTS = 100_000
CONNECTIONS = 32
PAGE = 20
DEEP = 5_000
MOST_P99 = 10
OFF, DEEP_OFF, APART = "list, cache off", f"page {DEEP:,}, cache off", "200 pages, cache off"
"""Readers of one page share a query even then; of 200 different pages hardly ever."""

GOALS = {
    "list": 0.55,
    "list of a tag": 0.55,
    "one post": 0.55,
    "list, 304": 0.7,
    "one post, 304": 0.7,
    OFF: 0.17,
    "list, signed in": 0.12,
}


@dataclass
class Way:
    run: Callable[[], Load]
    base: str
    taken: list[Load] = field(default_factory=list)

    def ratio(self, base: "Way") -> float:
        return statistics.median(a.per_second / b.per_second for a, b in zip(self.taken, base.taken, strict=True))


PAGE_CONSTANT, POST_CONSTANT = "constant, a page's size", "constant, a post's size"


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


def _pages(url: str) -> list[str]:
    """Of 200 pages, one after the other."""
    with connect(url) as connection:
        rows = connection.execute(
            """SELECT published_at, id FROM (
                SELECT published_at, id, row_number() OVER (ORDER BY published_at DESC, id DESC) AS n FROM posts.posts
            ) AS numbered WHERE n % 20 = 0 AND n <= 4000 ORDER BY n"""
        ).fetchall()
    return [f"/v1/posts?cursor={encode_cursor(row)}" for row in rows]


def _newest(database_url: str) -> str:
    with connect(database_url) as connection:
        found = connection.execute("SELECT id FROM posts.posts ORDER BY published_at DESC LIMIT 1").fetchone()
    assert found is not None
    return f"/v1/posts/{found[0]}"


def _way(server: Served, seconds: float, path: str, base: str, status: int = 200, **headers: str) -> Way:
    asked = [request("GET", server.url + path, b"", **headers)]

    def run() -> Load:
        if wrk.is_there():
            return wrk.load(server.url + path, status, connections=CONNECTIONS, seconds=seconds, **headers)
        took = server.load(asked, connections=CONNECTIONS, seconds=seconds)
        if set(took.statuses) != {status}:
            raise RuntimeError(f"{path}: {dict(took.statuses)}")
        return took

    return Way(run, base)


def _apart(server: Served, seconds: float, paths: list[str]) -> Way:
    urls = [server.url + path for path in paths]
    asked = [request("GET", url) for url in urls]

    def run() -> Load:
        if wrk.is_there():
            return wrk.load_in_turn(urls, 200, connections=CONNECTIONS, seconds=seconds)
        return server.load(asked, connections=CONNECTIONS, seconds=seconds)

    return Way(run, PAGE_CONSTANT)


def _ways(
    cached: Served, uncached: Served, constant: Served, paths: dict[str, str], pages: list[str], token: str, s: float
) -> dict[str, Way]:
    posts, one = "/v1/posts", paths["one"]
    search = f"{posts}/search?query="
    return {
        PAGE_CONSTANT: _way(constant, s, paths[PAGE_CONSTANT], PAGE_CONSTANT),
        POST_CONSTANT: _way(constant, s, paths[POST_CONSTANT], POST_CONSTANT),
        "list": _way(cached, s, posts, PAGE_CONSTANT),
        "list of a tag": _way(cached, s, f"{posts}?tag=tag1", PAGE_CONSTANT),
        "one post": _way(cached, s, one, POST_CONSTANT),
        "list, 304": _way(cached, s, posts, PAGE_CONSTANT, 304, if_none_match=_etag(cached.url + posts)),
        "one post, 304": _way(cached, s, one, POST_CONSTANT, 304, if_none_match=_etag(cached.url + one)),
        "search": _way(cached, s, search + RARE, PAGE_CONSTANT),
        "search of a word of all": _way(cached, s, search + COMMON, PAGE_CONSTANT),
        OFF: _way(uncached, s, posts, PAGE_CONSTANT),
        "list of a tag, cache off": _way(uncached, s, f"{posts}?tag=tag1", PAGE_CONSTANT),
        "one post, cache off": _way(uncached, s, one, POST_CONSTANT),
        "search, cache off": _way(uncached, s, search + RARE, PAGE_CONSTANT),
        "of a word of all, cache off": _way(uncached, s, search + COMMON, PAGE_CONSTANT),
        APART: _apart(uncached, s, pages),
        DEEP_OFF: _way(uncached, s, paths["deep"], PAGE_CONSTANT),
        "list, signed in": _way(cached, s, posts, PAGE_CONSTANT, authorization=f"Bearer {token}"),
    }


def compare(database_url: str, rounds: int, seconds: float) -> None:
    seed(database_url, POSTS, searchable=True)
    token = asyncio.run(people(1))[0][1]
    health = "/v1/posts/health"
    with ExitStack() as stack:
        cached = stack.enter_context(served(path=health, GROUPS="posts"))
        uncached = stack.enter_context(served(path=health, GROUPS="posts", POSTS_CACHE_S="0"))
        one = _newest(database_url)
        page_size, post_size = _size(cached.url + "/v1/posts"), _size(cached.url + one)
        paths = {
            "one": one,
            "deep": f"/v1/posts?cursor={page_cursor(database_url, DEEP)}",
            PAGE_CONSTANT: f"/v1/constant/{page_size}",
            POST_CONSTANT: f"/v1/constant/{post_size}",
        }
        app, sizes = "tests.bench.constant:app", f"{page_size},{post_size}"
        constant = stack.enter_context(served(app, paths[PAGE_CONSTANT], CONSTANT_BYTES=sizes))
        ways = _ways(cached, uncached, constant, paths, _pages(database_url), token, seconds)
        for _ in range(rounds):
            for way in ways.values():
                way.taken.append(way.run())
    print(f"\n{POSTS:,} posts; {page_size} bytes a page, {post_size} a post; {CONNECTIONS} connections to one process;")
    print(f"medians of {rounds} rounds of {seconds:.0f} s; Starlette with constant bytes = 1.00")
    for name, way in ways.items():
        _print_way(name, way, ways[way.base])
    _print_relations(ways)


def _print_way(name: str, way: Way, base: Way) -> None:
    ratio, goal = way.ratio(base), GOALS.get(name)
    p99 = statistics.median(load.p99 for load in way.taken) * 1000
    rate = statistics.median(load.per_second for load in way.taken)
    wanted = "" if goal is None else f"goal {goal:.2f}{' MISSED' if ratio < goal else ''}"
    print(f"  {name:28}{rate:9.0f}/s {ratio:6.2f}   p99 {p99:6.1f} ms   {wanted}")


def _print_relations(ways: dict[str, Way]) -> None:
    def each(one: str, other: str, of: Callable[[Load], float]) -> list[tuple[float, float]]:
        return [(of(a), of(b)) for a, b in zip(ways[one].taken, ways[other].taken, strict=True)]

    deep = statistics.median(a / b for a, b in each(OFF, DEEP_OFF, lambda load: load.per_second))
    tail = statistics.median(a / b for a, b in each("list", PAGE_CONSTANT, lambda load: load.p99))
    for name, value, most in ((f"page {DEEP:,} against page 1", deep, 1.2), ("p99 of the list", tail, MOST_P99)):
        print(f"  {name:28}{value:18.2f}   goal at most {most}{' MISSED' if value > most else ''}")
    costs = statistics.median(a - b for a, b in each("list, signed in", "list", lambda load: 1e6 / load.per_second))
    print(
        f"  The look-up of the session, and reading what is newest, cost {costs:.0f} µs of a signed-in reader's request."
    )


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
