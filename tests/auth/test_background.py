"""What is due is done, whatever else goes wrong, and as often as anybody likes."""

import asyncio
import json
import os
import subprocess
import sys
from typing import Any

import psycopg
import pytest

from auth import background, sweeping
from auth.background_handler import UnknownTask, act
from tests.conftest import CHECKOUT
from tests.people import Person


async def test_one_job_s_failure_stops_no_other_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    async def works() -> None:
        done.append("works")

    async def fails() -> None:
        done.append("fails")
        raise ValueError("of no use")

    monkeypatch.setattr(background, "_JOBS", (works, fails, works, fails, works))
    with pytest.raises(ExceptionGroup) as told:
        await background.run_due()
    assert done == ["works", "fails", "works", "fails", "works"]
    assert [str(problem) for problem in told.value.exceptions] == ["of no use", "of no use"]


async def test_it_ends_when_it_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    async def waits() -> None:
        await asyncio.Event().wait()

    async def never() -> None:
        done.append("never")

    monkeypatch.setattr(background, "_JOBS", (waits, never))
    running = asyncio.create_task(background.run_due())
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert done == []


@pytest.mark.usefixtures("store")
async def test_all_of_it_several_times_at_once() -> None:
    await asyncio.gather(*[background.run_due() for _ in range(4)])


_SWEPT = {
    "challenges": "INSERT INTO auth.challenges (purpose, secret_hash, expires_at) VALUES ('mfa', '', now() {})",
    "mail_tokens": "INSERT INTO auth.mail_tokens (purpose, user_id, email, secret_hash, expires_at) "
    "VALUES ('reset', %(me)s, '', '', now() {})",
    "limits": "INSERT INTO auth.limits (key, hits, window_ends) VALUES (uuid_send(uuidv7()), 1, now() {})",
    "sessions": "INSERT INTO auth.sessions (user_id, scope, expires_at) VALUES (%(me)s, '', now() - interval '30 days' {})",
    "devices": "INSERT INTO auth.devices (id, user_id, last_seen_at) "
    "VALUES (uuidv7(), %(me)s, now() - interval '365 days' {})",
}


@pytest.mark.parametrize("table", _SWEPT)
async def test_what_has_had_its_time_goes_and_the_rest_stays(
    ada: Person, owner_connection: psycopg.Connection, table: str
) -> None:
    def rows(statement: str) -> int:
        made = owner_connection.execute(f"{statement} RETURNING ctid".encode(), {"me": ada.id}).fetchall()
        return len(made)

    over, not_yet = (_SWEPT[table].format(f"{sign} interval '1 minute'") for sign in "-+")
    count = f"SELECT count(*) FROM auth.{table}".encode()
    await sweeping.sweep()
    before = owner_connection.execute(count).fetchone()
    assert rows(over) + rows(not_yet) == 2
    await sweeping.sweep()
    after = owner_connection.execute(count).fetchone()
    assert before is not None
    assert after == (before[0] + 1,)


# On Lambda ---------------------------------------------------------------------------------------------------------------


def _invoked(*events: dict[str, Any]) -> "subprocess.CompletedProcess[str]":
    """The handler in a process of its own, as a sandbox calls it: one event after the other."""
    program = """
import json, sys
from auth.background_handler import handler
for event in json.loads(sys.argv[1]):
    assert handler(event, None) is None
print("done")
"""
    command = [sys.executable, "-c", program, json.dumps(events)]
    return subprocess.run(
        command, cwd=CHECKOUT, env=dict(os.environ), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.usefixtures("store")
async def test_a_sandbox_is_called_again_and_again(ada: Person, owner_connection: psycopg.Connection) -> None:
    """One event loop for all of its calls, since the pool's connections belong to it."""
    letter = "INSERT INTO auth.mails (recipient, subject, text, html) VALUES (%s, 'x', 'x', '')"
    owner_connection.execute(letter, [ada.email])
    scheduled = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
    done = await asyncio.to_thread(_invoked, {}, scheduled, {})
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("done\n")
    waiting = "SELECT count(*) FROM auth.mails WHERE recipient = %s"
    assert owner_connection.execute(waiting, [ada.email]).fetchone() == (0,)


async def test_operators_tasks_go_to_those_who_do_them(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[tuple[Any, ...]] = []

    async def appoint(email: str, role: str) -> None:
        called.append((email, role))

    async def rotate() -> None:
        called.append(())

    monkeypatch.setattr("auth.appointment.appoint", appoint)
    monkeypatch.setattr("auth.key_rotation.rotate", rotate)
    await act({"task": "grant-role", "email": "ada@example.org", "role": "admin"})
    await act({"task": "rotate-keys"})
    assert called == [("ada@example.org", "admin"), ()]
    with pytest.raises(UnknownTask, match="'make-coffee': there are"):
        await act({"task": "make-coffee"})
