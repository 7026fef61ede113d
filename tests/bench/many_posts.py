"""`make bench-posts`, second part: the list and one post among a million posts, beside ten thousand, with the cache off.

The ratio of their times says how much of the work grows with what lies behind a page.
"""

import argparse
import os
import statistics
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.load import request
from tests.bench.money import connect
from tests.bench.seeding import seed
from tests.bench.served import Served, database, served

FEW, MANY = 10_000, 1_000_000
CONNECTIONS = 32
GOAL = 1.3


def _paths(url: str) -> dict[str, str]:
    with connect(url) as connection:
        found = connection.execute("SELECT id FROM posts.posts ORDER BY published_at DESC LIMIT 1").fetchone()
    assert found is not None
    return {"list": "/v1/posts", "list of a tag": "/v1/posts?tag=tag1", "one post": f"/v1/posts/{found[0]}"}


@contextmanager
def _among(count: int) -> Iterator[tuple[Served, dict[str, str]]]:
    """A cluster of its own: two databases of one would share its memory, and the smaller would have it all."""
    with database() as url:
        seed(url, count)
        with served(path="/v1/posts/health", GROUPS="posts", POSTS_CACHE_S="0") as server:
            yield server, _paths(url)


def compare(rounds: int, seconds: float) -> None:
    with _among(FEW) as (few, few_paths), _among(MANY) as (many, many_paths):
        print(f"\nTime of a read among {MANY:,} posts against {FEW:,}, medians of {rounds} rounds of {seconds:.0f} s")
        for name in few_paths:
            ratios = []
            for _ in range(rounds):
                rates = []
                for server, paths in ((few, few_paths), (many, many_paths)):
                    asked = [request("GET", server.url + paths[name])]
                    took = server.load(asked, connections=CONNECTIONS, seconds=seconds)
                    if set(took.statuses) != {200}:
                        raise RuntimeError(f"{name}: {dict(took.statuses)}")
                    rates.append(took.per_second)
                ratios.append(rates[0] / rates[1])
            ratio = statistics.median(ratios)
            print(f"  {name:24}{ratio:6.2f}   goal at most {GOAL}{' MISSED' if ratio > GOAL else ''}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="for each load")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    os.environ["PUBLIC_URL"] = "http://localhost:8000"
    compare(options.rounds, options.seconds)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
