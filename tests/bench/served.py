"""A server in a process of its own, on a fresh PostgreSQL with its ordinary durability."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from common.database_url import parse
from common.settings import settings
from migrations.migrate import migrate
from server import postgres
from tests.bench.load import Load, load

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Served:
    url: str
    process: psutil.Process

    def load(self, requests: Iterable[bytes], *, connections: int, seconds: float) -> Load:
        return load(self.url, requests, connections=connections, seconds=seconds)


@contextmanager
def database() -> Iterator[str]:
    """Its URL as the owner; this process's own settings speak of it too."""
    with tempfile.TemporaryDirectory(prefix="artel-bench-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        root.chmod(0o755)
        (root / "run").mkdir()
        cluster = postgres.start(root / "postgres", root / "run", CHECKOUT)
        try:
            os.environ.update({"DATABASE_URL": cluster.url, "ENVIRONMENT": "local", "LOG_LEVEL": "WARNING"})
            settings.cache_clear()
            migrate(parse(cluster.url))
            yield cluster.url
        finally:
            cluster.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(app: str = "server.app:app", path: str = "/v1/auth/health", **variables: str) -> Iterator[Served]:
    """`app` under one uvicorn process, with these environment variables, once `path` answers."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--no-access-log", "--log-level", "warning"]
    environment = {**os.environ, "PUBLIC_URL": url, **variables}
    with subprocess.Popen(command, env=environment, cwd=CHECKOUT) as process:
        try:
            _wait(url + path, process)
            yield Served(url, psutil.Process(process.pid))
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own
                return
        except urllib.error.URLError:
            time.sleep(0.05)
    raise RuntimeError(f"the server ended with {process.returncode}")
