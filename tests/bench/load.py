"""A load from outside the server's process: so many connections, each with the next request as soon as it has its answer."""

import asyncio
import itertools
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Load:
    """Times in seconds, of whole requests."""

    per_second: float
    median: float
    p95: float
    p99: float
    statuses: Counter[int]

    @classmethod
    def of(cls, times: list[float], statuses: Counter[int], elapsed: float) -> "Load":
        ordered = sorted(times)
        p95, p99 = (ordered[int(len(ordered) * part)] for part in (0.95, 0.99))
        return cls(len(times) / elapsed, statistics.median(ordered), p95, p99, statuses)


def request(method: str, url: str, body: bytes = b"", **headers: str) -> bytes:
    parts = urlsplit(url)
    lines = [
        f"{method} {parts.path or '/'}{'?' + parts.query if parts.query else ''} HTTP/1.1",
        f"host: {parts.netloc}",
    ]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    _, found, rest = head.partition(b"content-length:")
    if found:
        await reader.readexactly(int(rest.partition(b"\r\n")[0]))
    return int(head.split(b" ", 2)[1])


async def _run(url: str, requests: Iterable[bytes], connections: int, seconds: float) -> Load:
    parts = urlsplit(url)
    turns: Iterator[bytes] = itertools.cycle(requests) if isinstance(requests, Sequence) else iter(requests)
    times: list[float] = []
    statuses: Counter[int] = Counter()
    begun = time.perf_counter()

    async def visitor() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        while (asked := time.perf_counter()) < begun + seconds:
            writer.write(next(turns))
            statuses[await _answer(reader)] += 1
            times.append(time.perf_counter() - asked)
        writer.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(visitor())
    return Load.of(times, statuses, time.perf_counter() - begun)


def load(url: str, requests: Iterable[bytes], *, connections: int, seconds: float) -> Load:
    """`requests` are sent in turn, whichever connection is free; a sequence again and again, an iterator only once."""
    return asyncio.run(_run(url, requests, connections, seconds))
