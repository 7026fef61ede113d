"""The embedded stack: PostgreSQL, the AWS emulator, schema, key, page and worker, with nothing but this checkout's Python."""

import os
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from common.settings import Settings, settings
from server import emulator, postgres, resources, signing_key
from server.console import complain, say, step
from server.processes import Child

MAIL_FROM = "artel@localhost"
RATE_LIMITS = "register=100/3600,forgot=100/3600"
"""Everybody who tries this out comes from one address, and makes more accounts in an hour than a household does."""
# Variables that this stack sets or leaves unset, and never takes from the shell.
_OURS = Settings.model_fields.keys() - {"log_level", "database_pool_size"}
CHECKOUT = Path(__file__).resolve().parents[1]


class Stack:
    """Its parts, each started when its turn comes and stopped in the opposite order when the block ends."""

    def __init__(self, data: Path, public_url: str, check: Callable[[], None]) -> None:
        self.data, self.public_url, self._check = data, public_url, check
        self._records = data / "run"
        self._exit = ExitStack()
        self.worker = Child("worker", "server.worker", self._records)
        self._page = Child("page", "tools.frontend", self._records)
        self._emulator = emulator.Emulator(data / "aws", self._records)
        self.postgres: postgres.Postgres | None = None

    def __enter__(self) -> Self:
        return self

    @property
    def shown_data(self) -> str:
        return os.path.relpath(self.data)

    def __exit__(self, *_error: object) -> None:
        self._exit.close()

    def start(self, *, with_page: bool) -> None:
        """What takes long starts first and is waited for last."""
        if with_page:
            self._start_child(self._page, [sys.executable, "-m", "tools.frontend"])
        self._exit.callback(self._emulator.stop)
        self._emulator.launch()
        self._check()
        with step("PostgreSQL 18"):
            self.postgres = postgres.start(self.data / "postgres", self._records, CHECKOUT)
            self._exit.callback(self.postgres.stop)
        os.environ.update(self._environment(self.postgres.url))
        self._check()
        with step("database schema"):
            _migrate()
        self._check()
        with step("AWS emulator") as words:
            self._emulator.wait()
            os.environ.update(resources.ensure(self.public_url, MAIL_FROM))
            settings.cache_clear()  # the migration read them before these were known
            words.append(f"ready on port {self._emulator.port}")
        self.start_worker()
        if with_page:
            self._wait_for_page()

    def start_worker(self) -> None:
        self._start_child(self.worker, [sys.executable, "-m", "server.worker", "--with-parent"])

    def stopped_part(self) -> Child | None:
        """A part without which nothing works, and which is gone."""
        needed = [self._emulator.child] + ([self.postgres.child] if self.postgres else [])
        return next((child for child in needed if child.exit_code is not None), None)

    def _start_child(self, child: Child, argv: list[str]) -> None:
        child.stop_leftover()
        self._exit.callback(child.stop)
        child.start(argv)

    def _environment(self, database_url: str) -> dict[str, str]:
        """Replaces whatever this person's shell says about databases and clouds: nothing of theirs is touched."""
        for name in list(os.environ):
            if name.startswith("AWS_") or name.lower() in _OURS:
                del os.environ[name]
        port = self.public_url.rpartition(":")[2]
        return {
            **emulator.client_environment(self._emulator.url),
            "ENVIRONMENT": "local",
            "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
            "DATABASE_URL": database_url,
            "PUBLIC_URL": self.public_url,
            "ALLOWED_ORIGINS": f"{self.public_url},http://127.0.0.1:{port},http://[::1]:{port}",
            "SIGNING_KEY_FILE": str(signing_key.ensure(self.data / "signing-key.pem")),
            "SECRET_KEY": signing_key.ensure_secret(self.data / "secret-key"),
            "RATE_LIMITS": RATE_LIMITS,
            "MAIL_TRANSPORT": "ses",
            "MAIL_FROM": MAIL_FROM,
        }

    def _wait_for_page(self) -> None:
        """Without a page the API is still worth having, so a failed build is told and does not stop the rest."""
        patience = time.monotonic() + 3
        with step("page") as words:
            while self._page.exit_code is None:
                self._check()
                time.sleep(0.05)
                if time.monotonic() > patience:
                    patience = float("inf")
                    say("being built, which takes a minute the first time … ", end="")
            if self._page.exit_code:
                words.append("not built")
        if self._page.exit_code:
            words_of_the_build = self._page.last_words()
            complain(
                f"The page was not built; the API works without it. {self._page.log} ends with:\n{words_of_the_build}"
            )


def _migrate() -> None:
    from migrations.migrate import main

    if main() != 0:
        raise SystemExit(1)


def empty(data: Path) -> None:
    """Everything but the copy of uv that `make` may have put there."""
    for entry in data.iterdir() if data.exists() else ():
        if entry.name == "uv":
            continue
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
