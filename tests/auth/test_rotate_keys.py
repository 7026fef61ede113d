"""The operator's command."""

import os
import re
import subprocess
import sys
from argparse import ArgumentTypeError
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from tests.auth.keys import forget, own_database, rows, signer
from tools import rotate_keys


@pytest.fixture
async def owner(worker_id: str, loop_of_the_run: None) -> AsyncIterator[psycopg.Connection]:
    async with own_database(f"artel_command_{worker_id}") as connection:
        yield connection


def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tools.rotate_keys", *arguments]
    return subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True, check=False)


async def test_the_command_publishes_a_key_and_tells_when_it_signs(owner: psycopg.Connection) -> None:
    old = (await signer()).jwk["kid"]
    done = run()
    assert done.returncode == 0, done.stderr
    (new,) = rows(owner).keys() - {old}
    assert new in done.stdout
    assert re.search(r"signs from +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", done.stdout)
    assert (await signer()).jwk["kid"] == old


async def test_after_a_theft_the_new_key_signs_at_once(owner: psycopg.Connection) -> None:
    old = (await signer()).jwk["kid"]
    assert run("--wait", "0s", "--keep", "10m").returncode == 0
    forget()
    assert (await signer()).jwk["kid"] != old
    left = owner.execute("SELECT retires_at - now() FROM auth.signing_keys WHERE kid = %s", [old]).fetchone()
    assert left
    assert timedelta(minutes=9) < left[0] <= timedelta(minutes=10)


async def test_an_unusable_secret_key_is_told_in_a_sentence(owner: psycopg.Connection) -> None:
    await signer()
    done = run(SECRET_KEY="short")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("SECRET_KEY must have 32 characters")


def test_without_a_database_the_command_says_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert not rotate_keys.find_stack(tmp_path)


@pytest.mark.parametrize(("text", "seconds"), [("0s", 0), ("10m", 600), ("2h15m", 8100), ("1h1m1s", 3661), ("90s", 90)])
def test_durations_are_written_briefly(text: str, seconds: int) -> None:
    assert rotate_keys.duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "10", "-5m", "5 m", "1d", "1.5h", "m"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError):
        rotate_keys.duration(text)
