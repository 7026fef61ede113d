"""Child processes of the embedded stack, and what is left of them when their parent was killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

# A process's start time is computed from the boot time, which clock adjustments move a little.
_SAME_START_S = 2.0
_PATIENCE_S = 15.0


@dataclass(frozen=True)
class Record:
    """What identifies a process beyond its number, which the system gives to others later."""

    pid: int
    started: float
    program: str


def identify(pid: int, program: str) -> Record:
    return Record(pid=pid, started=psutil.Process(pid).create_time(), program=program)


def find(record: Record) -> psutil.Process | None:
    """The very process of the record, if it still runs."""
    try:
        process = psutil.Process(record.pid)
        same = abs(process.create_time() - record.started) < _SAME_START_S
        running = same and process.status() != psutil.STATUS_ZOMBIE
        return process if running and any(record.program in word for word in process.cmdline()) else None
    except psutil.Error:
        return None


def stop(process: psutil.Process, gently: signal.Signals, patience_s: float | None = None) -> None:
    """Ask, wait, then insist; the whole family, so that no grandchild stays."""
    try:
        family = [process, *process.children(recursive=True)]
        process.send_signal(gently)
    except psutil.NoSuchProcess:
        return
    _wait([process], patience_s or _PATIENCE_S)
    for left in _alive(family):
        with suppress(psutil.NoSuchProcess):
            left.kill()
    _wait(family, 5)


def _alive(family: list[psutil.Process]) -> list[psutil.Process]:
    """A zombie is gone: in a container whose first process reaps nobody it stays in the list for ever."""
    alive = []
    for process in family:
        with suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                alive.append(process)
    return alive


def _wait(family: list[psutil.Process], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while _alive(family) and time.monotonic() < deadline:
        time.sleep(0.02)


class Child:
    """One process of the stack. Its record stands in `<folder>/<name>.json` for as long as it runs."""

    def __init__(self, name: str, program: str, folder: Path, gently: signal.Signals = signal.SIGTERM) -> None:
        self.program, self.gently = program, gently
        self.log = folder / f"{name}.log"
        self._record = folder / f"{name}.json"
        self._popen: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def stop_leftover(self) -> bool:
        """Stop what an earlier parent that was killed left running. True if there was something."""
        try:
            record = Record(**json.loads(self._record.read_text()))
        except (OSError, ValueError, TypeError):
            return False
        process = find(record)
        if process is not None:
            stop(process, self.gently)
        self._record.unlink(missing_ok=True)
        return process is not None

    def start(
        self,
        argv: Sequence[str | Path],
        env: Mapping[str, str] | None = None,
        *,
        user: int | None = None,
        to_console: bool = False,
    ) -> None:
        """In a session of its own: Ctrl-C in the terminal reaches the parent alone, which stops things in order."""
        with self.log.open("wb") as log:
            self._popen = subprocess.Popen(
                [str(word) for word in argv],
                env=dict(os.environ if env is None else env),
                stdin=subprocess.DEVNULL,
                stdout=None if to_console else log,
                stderr=sys.stderr if to_console else log,
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        self._record.write_text(json.dumps(asdict(identify(self._popen.pid, self.program))))

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._popen.poll() if self._popen else None

    def stop(self) -> None:
        if self._popen is not None and self._popen.poll() is None:
            stop(psutil.Process(self._popen.pid), self.gently)
            self._popen.wait(timeout=10)
        self._popen = None
        self._record.unlink(missing_ok=True)

    def last_words(self, lines: int = 8) -> str:
        """The end of its log, for the message of somebody whose start failed."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
