"""Servers that share nothing but the database, each in a process of its own: as Lambdas are, and servers behind a balancer."""

import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import httpx
from httpx import AsyncClient, Response

from common.settings import Group

CHECKOUT = Path(__file__).parents[1]
PROCESSES = 4


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: "subprocess.Popen[bytes]", url: str, group: Group) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, url
        try:
            if httpx.get(f"{url}/v1/{group}/ready", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


@contextmanager
def servers_of(group: Group, **variables: str) -> Iterator[list[str]]:
    """Their URLs. They have this process's environment, and these variables."""
    given = {**os.environ, "LOG_LEVEL": "ERROR", "GROUPS": group, **variables}
    started = []
    ports = [_free_port() for _ in range(PROCESSES)]
    try:
        for port in ports:
            command = [sys.executable, "-m", "uvicorn", "server.app:app", "--port", str(port), "--log-level", "error"]
            started.append(subprocess.Popen(command, cwd=CHECKOUT, env=given))
        found = [f"http://127.0.0.1:{port}" for port in ports]
        for process, url in zip(started, found, strict=True):
            _wait(process, url, group)
        yield found
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=40)


@asynccontextmanager
async def clients_of(urls: list[str]) -> AsyncIterator[list[AsyncClient]]:
    """One for each server."""
    limits = httpx.Limits(max_connections=100)
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(AsyncClient(base_url=url, timeout=60, limits=limits)) for url in urls]


def statuses(answers: list[Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)
