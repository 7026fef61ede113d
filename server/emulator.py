"""The AWS services the groups need (S3, SQS, SES), by ministack as a child process. Nothing of it reaches beyond this machine."""

import fcntl
import os
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path
from typing import TextIO

from server import processes
from server.run_as import CannotStart

FIRST_PORT = 4566
REGION = "us-east-1"
# What Python itself may need. Not the rest: ministack looks at many a variable that somebody set for something else.
_PASSED_ON = ("PATH", "LANG", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE")


class Emulator:
    """Data in `folder`, on the first free port from 4566 up: other stacks may be running here, or starting."""

    def __init__(self, folder: Path, records: Path) -> None:
        self.folder = folder
        self.child = processes.Child("aws", "ministack", records)
        self.port = 0
        self._reservation: TextIO | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def launch(self) -> None:
        """Without waiting: it takes a second or two, in which other things can start."""
        self.child.stop_leftover()
        self.port, self._reservation = _free_port()
        temporary = self.folder / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        self.child.start([sys.executable, "-m", "ministack"], self._environment(temporary))

    def _environment(self, temporary: Path) -> dict[str, str]:
        return {
            **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            **client_environment(self.url),
            "HOME": str(self.folder),
            "TMPDIR": str(temporary),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self.folder / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self.folder / "s3"),
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            # ministack removes containers of other ministacks when it finds a Docker engine: keep it from looking.
            "DOCKER_HOST": "unix:///nonexistent",
        }

    def stop(self) -> None:
        self.child.stop()
        if self._reservation is not None:
            self._reservation.close()

    def wait(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.child.exit_code is None:
            if _answers(f"{self.url}/_ministack/health"):
                return
            time.sleep(0.05)
        raise CannotStart(f"The AWS emulator did not start. The end of {self.child.log}:\n{self.child.last_words()}")


def client_environment(endpoint: str) -> dict[str, str]:
    """For boto3: this endpoint and made-up keys, whatever AWS account this person is signed in to."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def _free_port() -> tuple[int, TextIO]:
    """A port and the lock on it, which lasts until this process ends or lets it go: ministack binds a second later, and
    two stacks that start at once must not choose the same one."""
    for port in range(FIRST_PORT, FIRST_PORT + 200):
        reservation = _reserved(port)
        if reservation is not None:
            return port, reservation
    raise CannotStart(f"No port from {FIRST_PORT} to {FIRST_PORT + 199} is free for the AWS emulator.")


def _reserved(port: int) -> TextIO | None:
    try:
        lock = (Path(tempfile.gettempdir()) / f"artel-emulator-{port}.lock").open("w")
    except OSError:
        return None  # another user's
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except OSError:
        lock.close()
        return None
    return lock


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - a constant http URL
            return bool(answer.status == HTTPStatus.OK)
    except (OSError, urllib.error.URLError):
        return False
