"""`make up` as a person meets it: real processes, real signals, nothing left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

pytestmark = pytest.mark.xdist_group("stack")
CHECKOUT = Path(__file__).parents[2]
ADA = {"email": "ada@example.com", "password": "a samovar of one's own"}


@dataclass
class Local:
    """`python -m server.local` on a folder of its own."""

    data: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def command(self, *words: str) -> list[str]:
        options = ["--data", str(self.data), "--port", str(self.port), "--no-page"]
        return [sys.executable, "-m", "server.local", *options, *words]

    @contextmanager
    def start(self) -> Iterator["subprocess.Popen[str]"]:
        command, both = self.command(), subprocess.STDOUT
        with subprocess.Popen(
            command, cwd=CHECKOUT, env=_environment(), stdout=subprocess.PIPE, stderr=both, text=True
        ) as stack:
            try:
                yield stack
            finally:
                stack.kill()

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(*words),
            cwd=CHECKOUT,
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def call(self, path: str, body: Any) -> httpx.Response:
        return httpx.post(self.url + path, json=body, timeout=20)

    def letters_to(self) -> list[list[str]]:
        """Of the first letter, which is sent after the answer to whoever registers."""
        for _ in range(100):
            letters = httpx.get(f"{self.url}/dev/mail", headers={"accept": "application/json"}, timeout=20).json()
            if letters:
                return [letter["To"] for letter in letters]
            time.sleep(0.1)
        return []

    def processes(self) -> list[str]:
        """Of this stack, by the folder in their command line or working files."""
        found = []
        for process in psutil.process_iter(["cmdline", "status"]):
            words = " ".join(process.info["cmdline"] or [])
            if str(self.data) in words and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(words)
        return found


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("PUBLIC_URL", "HOST", "PORT")}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Local]:
    made = Local(tmp_path / "artel", _free_port())
    yield made
    made.run("down")


def _wait(local: Local, stack: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and stack.poll() is None:
        try:
            if httpx.get(f"{local.url}/ready", timeout=30).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    stack.kill()
    pytest.fail(f"The stack did not start:\n{stack.communicate()[0]}")


def _children(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def _left(children: list[psutil.Process]) -> list[str]:
    return [p.name() for p in children if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def test_it_starts_keeps_its_data_over_any_end_and_leaves_nothing(local: Local) -> None:
    with local.start() as first:
        _wait(local, first)
        assert local.call("/v1/auth/register", {**ADA, "display_name": "Ada"}).status_code == 202
        assert local.letters_to() == [[ADA["email"]]]
        children = _children(first.pid)
        assert len(children) >= 3
        first.send_signal(signal.SIGTERM)
        printed, _ = first.communicate(timeout=30)
        assert first.returncode == 0, printed
        assert local.url in printed
        assert _left(children) == []

    with local.start() as second:
        _wait(local, second)
        assert local.call("/v1/auth/login", ADA).status_code == 200
        orphans = _children(second.pid)
        second.kill()
        second.communicate()
        assert _left(orphans) != []  # a database and an emulator that nobody stopped

    with local.start() as third:
        _wait(local, third)
        assert _left(orphans) == []
        assert local.call("/v1/auth/login", ADA).status_code == 200
        refused = local.run()
        assert (refused.returncode, refused.stdout) == (1, "")
        assert f"Port {local.port} is in use by another program. Choose another: PORT=" in refused.stderr
        elsewhere = Local(local.data, _free_port()).run()
        assert elsewhere.returncode == 1
        assert f"Artel already runs from this folder at {local.url}" in elsewhere.stderr
        children = _children(third.pid)
        assert "Stopped." in local.run("down").stdout
        third.communicate(timeout=30)
        assert _left(children) == []

    assert local.processes() == []
    assert "is empty" in local.run("reset").stdout
    assert list(local.data.iterdir()) == []


@pytest.mark.parametrize("after_s", [0.3, 0.9, 1.5])
def test_changing_ones_mind_while_it_starts_leaves_nothing(local: Local, after_s: float) -> None:
    with local.start() as stack:
        time.sleep(after_s)
        stack.send_signal(signal.SIGINT)
        printed, _ = stack.communicate(timeout=60)
    assert local.processes() == [], printed
    assert stack.returncode in (0, -signal.SIGINT), printed
    assert "Traceback" not in printed or after_s < 0.5  # Python itself was still starting


def test_a_part_that_cannot_start_is_told_and_the_others_are_stopped(local: Local) -> None:
    (local.data / "aws").mkdir(parents=True)
    (local.data / "aws" / "tmp").write_text("a file where a folder must be")
    done = local.run()
    assert done.returncode != 0
    assert local.processes() == []


def test_an_address_of_another_program_is_not_taken(local: Local) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", local.port))
        other.listen()
        done = local.run()
    assert done.returncode == 1
    assert "is in use by another program" in done.stderr
    assert "Traceback" not in done.stderr
