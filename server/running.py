"""One stack a data folder: who runs it, and how another process finds and stops it."""

import fcntl
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from server import postgres, processes
from server.processes import Record, find, identify
from server.run_as import CannotStart

_PROGRAM = "server.local"
PARTS = (("worker", "server.worker"), ("page", "tools.frontend"), ("aws", "ministack"), ("postgres", "postgres"))


def _read(data: Path) -> tuple[Record, str] | None:
    """Of the stack that runs on this folder: its process and its URL."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        known = json.loads((data / "server.json").read_text())
        record = Record(**known["process"])
        if find(record):
            return record, str(known["url"])
    return None


def url(data: Path) -> str | None:
    """Where the stack of this folder answers, if it runs."""
    known = _read(data)
    return known[1] if known else None


def database_url(data: Path) -> str | None:
    """As its owner, while it runs. PostgreSQL's pid file says where its socket is: its own folder may be too deep for one."""
    if _read(data) is None:
        return None
    sockets = (data / "postgres" / "postmaster.pid").read_text().splitlines()[4]
    return postgres.url(Path(sockets))


@contextmanager
def claim(data: Path, public_url: str) -> Iterator[None]:
    """Hold the folder. The lock goes with the process, however that ends."""
    data.mkdir(parents=True, exist_ok=True)
    file = data / "server.json"
    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            known = _read(data)
            where = f" at {known[1]} (process {known[0].pid})" if known else ""
            raise CannotStart(f"Artel already runs from this folder{where}. `make down` stops it.") from None
        file.write_text(json.dumps({"process": asdict(identify(os.getpid(), _PROGRAM)), "url": public_url}))
        try:
            yield
        finally:
            file.unlink(missing_ok=True)


def stop(data: Path) -> bool:
    """Stop the stack of this folder, or what a killed one left. True if there was any."""
    known = _read(data)
    process = find(known[0]) if known else None
    if process is not None:
        processes.stop(process, signal.SIGTERM, patience_s=40)
    leftovers = [_child(name, program, data).stop_leftover() for name, program in PARTS if (data / "run").exists()]
    return process is not None or any(leftovers)


def _child(name: str, program: str, data: Path) -> processes.Child:
    gently = signal.SIGINT if name == "postgres" else signal.SIGTERM
    return processes.Child(name, program, data / "run", gently)
