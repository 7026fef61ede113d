"""What can be killed: servers and a PostgreSQL cluster with its ordinary durability."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from server import postgres
from server.run_as import CannotStart
from tests.bench.served import CHECKOUT


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Cluster:
    """PostgreSQL in `root`. Killed, it comes back with what it had acknowledged."""

    root: Path
    server: postgres.Postgres = field(init=False)

    def start(self, patience_s: float = 60) -> None:
        deadline = time.monotonic() + patience_s
        while True:
            try:
                self.server = postgres.start(self.root / "postgres", self.root / "run", CHECKOUT)
            except CannotStart:
                # Backends of the killed one hold its shared memory until they notice.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    @property
    def socket(self) -> Path:
        return self.server.sockets / ".s.PGSQL.5432"

    def _processes(self) -> list[psutil.Process]:
        return [p for p in psutil.process_iter(["cmdline"]) if str(self.root / "postgres") in (p.info["cmdline"] or [])]

    def kill(self) -> None:
        """The postmaster alone, as an out-of-memory killer would; its children end by themselves."""
        for process in self._processes():
            process.kill()
        while self.server.child.exit_code is None:  # until it is reaped, its number looks alive to the next one
            time.sleep(0.01)

    def kill_a_backend(self, name: bytes) -> bool:
        """With -9, which makes PostgreSQL restart all of itself and recover."""
        postmaster = self._processes()
        children = [child for process in postmaster for child in process.children()]
        backends = [child for child in children if any(name.decode() in word for word in child.cmdline())]
        for backend in backends[:1]:
            backend.kill()
        return bool(backends)


@dataclass
class Server:
    """The money group under uvicorn, in a process of its own."""

    database_url: str
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        environment = {**os.environ, "DATABASE_URL": self.database_url, "GROUPS": "money", "LOG_LEVEL": "ERROR"}
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "server.app:app",
            "--port",
            str(self.port),
            "--log-level",
            "critical",
        ]
        self.process = subprocess.Popen(
            [*command, "--no-access-log"], cwd=CHECKOUT, env=environment, stdout=subprocess.DEVNULL
        )

    async def ready(self, patience_s: float = 60) -> None:
        deadline = time.monotonic() + patience_s
        async with httpx.AsyncClient() as client:
            while time.monotonic() < deadline:
                try:
                    if (await client.get(f"{self.url}/v1/money/health", timeout=5)).status_code == httpx.codes.OK:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
        raise TimeoutError(self.url)

    def kill(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
