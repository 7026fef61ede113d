"""A streaming replica of the tests' PostgreSQL."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from server import postgres
from server.run_as import RunAs, run_as

CHECKOUT = Path(__file__).parents[1]
_SLOT = "standby"


@dataclass
class Standby:
    folder: Path
    who: RunAs
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    def url(self, database: str) -> str:
        return f"postgresql://{postgres.OWNER}@/{database}?host={self.folder}"

    def start(self) -> None:
        command = [*self.who.prefix, str(postgres.binaries() / "postgres"), "-D", str(self.folder / "data")]
        command += ["-k", str(self.folder), "-c", "listen_addresses="]
        self.process = subprocess.Popen(command, **self._as_who(), stderr=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + 60
        while True:
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                assert self.process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)  # immediately, as a crash is
            self.process.wait()
            self.process = None

    def execute(self, statement: str) -> None:
        _execute(str(self.folder), statement)

    def pause(self) -> None:
        self.execute("SELECT pg_wal_replay_pause()")

    def resume(self) -> None:
        self.execute("SELECT pg_wal_replay_resume()")

    def hang(self) -> None:
        self._signal_all(signal.SIGSTOP)

    def wake(self) -> None:
        self._signal_all(signal.SIGCONT)

    def copy(self, sockets: str) -> None:
        command = [*self.who.prefix, str(postgres.binaries() / "pg_basebackup"), "-D", str(self.folder / "data")]
        command += ["-h", sockets, "-U", "postgres", "-R", "-X", "stream", "-c", "fast", "--no-sync"]
        # Without a slot the primary forgets what the replica missed while it was down, if the other tests write much meanwhile.
        command += ["-C", "-S", _SLOT]
        subprocess.run(command, check=True, **self._as_who())

    def _as_who(self) -> dict[str, Any]:
        given: dict[str, Any] = {"env": {**os.environ, "LC_ALL": "C"}, "cwd": "/"}
        if self.who.change_to is not None:
            given |= {"user": self.who.change_to, "group": self.who.change_to, "extra_groups": []}
        return given

    def _signal_all(self, number: signal.Signals) -> None:
        """Its backends are processes of their own, in the same session or not: they are its children."""
        import psutil

        assert self.process is not None
        parent = psutil.Process(self.process.pid)
        for each in (parent, *parent.children(recursive=True)):
            each.send_signal(number)


def _execute(sockets: str, statement: str) -> None:
    with psycopg.connect(user="postgres", dbname="postgres", host=sockets, autocommit=True) as connection:
        connection.execute(statement.encode())


@contextmanager
def standby(sockets: str) -> Iterator[Standby]:
    """Of the cluster whose socket is in that folder."""
    folder = Path(tempfile.mkdtemp(prefix="artel-standby-", dir="/tmp"))
    who = run_as(CHECKOUT, folder, postgres.binaries() / "postgres")
    if who.uid is not None:
        os.chown(folder, who.uid, who.uid)
    made = Standby(folder, who)
    try:
        made.copy(sockets)
        made.start()
        yield made
    finally:
        made.stop()
        _execute(
            sockets, f"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '{_SLOT}'"
        )
        shutil.rmtree(folder, ignore_errors=True)
