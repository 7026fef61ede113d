"""`make bench-posts`: requests per second, as ratios to a Starlette app that answers constant bytes of the same size.

One process each, 32 connections, by wrk. Each round measures everything once, in turn, so that what else the machine does falls
on all alike; what is printed are medians over the rounds. Then 10 k against 1 M posts: a page must cost what it costs.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from tests.bench.money import connect, people
from tests.bench.served import Served, database, served

CONNECTIONS = 32
LIST, TAG, SEARCH = "/v1/posts?limit=20", "/v1/posts?tag=t7&limit=20", "/v1/posts/search?q=harvest"
GOALS = {
    "list": 0.55,
    "a tag's list": None,
    "one post": 0.55,
    "304": 0.70,
    "list, cache off": 0.17,
    "page 5,000, cache off": None,
    "search, cache off": None,
    "list, signed in": 0.12,
}


@dataclass(frozen=True)
class Measured:
    per_second: float
    p99_ms: float


def seed(connection: psycopg.Connection, count: int) -> None:
    """Posts a minute apart, of 100 authors, each with two of 50 tags."""
    connection.execute(
        """INSERT INTO posts.tags (name) SELECT 't' || n FROM generate_series(0, 49) AS n ON CONFLICT DO NOTHING"""
    )
    connection.execute(
        """INSERT INTO posts.posts (slug, author_id, title, body, html, excerpt, created_at, updated_at, published_at)
        SELECT
            'a-post-' || n, md5(mod(n, 100)::text)::uuid, 'Title of post ' || n, body, '<p>' || body || '</p>', left(body, 280),
            moment, moment, moment
        FROM generate_series(1, %s) AS n
        CROSS JOIN LATERAL (
            SELECT
                repeat('Words about the harvest of ' || n || ' and what came of it. ', 8) AS body,
                now() - n * interval '1 minute' AS moment
        ) AS made""",
        [count],
    )
    connection.execute(
        """INSERT INTO posts.post_tags (post_id, tag_id, published_at)
        SELECT p.id, t.id, p.published_at
        FROM posts.posts AS p CROSS JOIN LATERAL (
            SELECT t.id FROM posts.tags AS t
            WHERE t.name IN ('t' || abs(hashtext(p.slug)) % 50, 't' || abs(hashtext(p.slug) / 50) % 50)
        ) AS t ON CONFLICT DO NOTHING"""
    )
    connection.execute("VACUUM ANALYZE")


def wrk(url: str, seconds: float, *headers: str) -> Measured:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{round(seconds)}s", "--latency", url]
    for header in headers:
        command += ["-H", header]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate, p99 = re.search(r"Requests/sec:\s+([\d.]+)", said), re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    if rate is None or p99 is None or wrong is not None:
        raise RuntimeError(said)
    return Measured(float(rate[1]), float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]])


def read(url: str) -> tuple[bytes, str]:
    with urllib.request.urlopen(url) as reply:  # noqa: S310 - our own server
        return reply.read(), reply.headers.get("etag", "")


def page_5000(connection: psycopg.Connection, server: Served) -> str:
    """Its address, made from a cursor as the list gives it, with the values of that place."""
    from common.pagination import encode_cursor

    row = connection.execute(
        "SELECT published_at, id FROM posts.posts ORDER BY published_at DESC, id DESC OFFSET %s LIMIT 1",
        [20 * 4999 - 1],
    ).fetchone()
    assert row is not None
    return f"{server.url}{LIST}&cursor={encode_cursor(row)}"


def compare(url: str, rounds: int, seconds: float, count: int) -> None:
    ((_, token),) = asyncio.run(people(1))
    with connect(url) as connection:
        seed(connection, count)
        with (
            served(path="/v1/posts/health") as cached,
            served(path="/v1/posts/health", POSTS_CACHE_S="0") as uncached,
        ):
            body, etag = read(cached.url + LIST)
            slug = json.loads(body)["items"][0]["slug"]
            far = page_5000(connection, uncached)
            with served("tests.bench.constant:app", "/", CONSTANT_BYTES=str(len(body))) as constant:
                ways: dict[str, Callable[[], Measured]] = {
                    "constant": lambda: wrk(constant.url + "/", seconds),
                    "list": lambda: wrk(cached.url + LIST, seconds),
                    "a tag's list": lambda: wrk(cached.url + TAG, seconds),
                    "one post": lambda: wrk(f"{cached.url}/v1/posts/{slug}", seconds),
                    "304": lambda: wrk(cached.url + LIST, seconds, f"If-None-Match: {etag}"),
                    "list, cache off": lambda: wrk(uncached.url + LIST, seconds),
                    "page 5,000, cache off": lambda: wrk(far, seconds),
                    "list, signed in": lambda: wrk(cached.url + LIST, seconds, f"Authorization: Bearer {token}"),
                }
                if _answers(uncached.url + SEARCH):
                    ways["search, cache off"] = lambda: wrk(uncached.url + SEARCH, seconds)
                _print(_rounds(ways, rounds), len(body), rounds, seconds)


def _answers(url: str) -> bool:
    try:
        read(url)
    except urllib.error.HTTPError:
        return False
    return True


def _rounds(ways: dict[str, Callable[[], Measured]], rounds: int) -> dict[str, list[Measured]]:
    taken: dict[str, list[Measured]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            taken[name].append(run())
    return taken


def _print(taken: dict[str, list[Measured]], size: int, rounds: int, seconds: float) -> None:
    base = taken.pop("constant")
    rate = statistics.median(one.per_second for one in base)
    p99 = statistics.median(one.p99_ms for one in base)
    print(f"\nRequests per second, medians of {rounds} rounds of {seconds:.0f} s; {size} constant bytes = 1.00")
    print(f"  {'constant bytes':26}{rate:8.0f}/s   1.00   p99 {p99:6.1f} ms")
    for name, values in taken.items():
        ratio = statistics.median(one.per_second / other.per_second for one, other in zip(values, base, strict=True))
        goal = GOALS[name]
        said = "" if goal is None else f"   goal {goal:.2f} {'' if ratio >= goal else 'MISSED'}"
        rate = statistics.median(one.per_second for one in values)
        p99 = statistics.median(one.p99_ms for one in values)
        print(f"  {name:26}{rate:8.0f}/s  {ratio:5.2f}   p99 {p99:6.1f} ms{said}")


def grow(seconds: float, rounds: int) -> None:
    """Cache off: what a page costs in a table of 10 k and of 1 M posts."""
    rates: dict[int, dict[str, float]] = {}
    for count in (10_000, 1_000_000):
        with database() as url, connect(url) as connection:
            seed(connection, count)
            with served(path="/v1/posts/health", POSTS_CACHE_S="0") as server:
                ways = {"list": server.url + LIST, "one post": f"{server.url}/v1/posts/a-post-{count // 2}"}
                rates[count] = {
                    name: statistics.median(wrk(address, seconds).per_second for _ in range(rounds))
                    for name, address in ways.items()
                }
    print("\n10 k against 1 M posts, cache off: how much longer it takes (allowed 1.30)")
    for name, small in rates[10_000].items():
        ratio = small / rates[1_000_000][name]
        print(
            f"  {name:26}{small:8.0f}/s {rates[1_000_000][name]:8.0f}/s  {ratio:5.2f} {'' if ratio <= 1.3 else 'MISSED'}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4, help="for each load")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--only", choices=["rates", "growth"])
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        print("wrk is not installed (Debian: apt-get install wrk)", file=sys.stderr)
        return 1
    os.environ.update(PUBLIC_URL="http://localhost:8000", JWT_ISSUER="http://localhost:8000/v1/auth")
    if options.only != "growth":
        with database() as url, tempfile.TemporaryDirectory():
            compare(url, options.rounds, options.seconds, options.posts)
    if options.only != "rates":
        grow(options.seconds, options.rounds)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
