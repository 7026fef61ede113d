"""Letters are sent if, and only if, what they speak of was stored; a mail system that is down loses none."""

import asyncio
import secrets
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from httpx import AsyncClient

from auth import outbox
from common.db import transaction
from common.mail import Mail, NotSent
from tests.auth.postbox import Postbox


class Crashed(BaseException):
    """As when a process is killed: nothing after it runs."""


@pytest.fixture
async def empty(postbox: Postbox) -> Postbox:
    """Nothing that other tests left is waiting."""
    await outbox.deliver()
    postbox.letters.clear()
    return postbox


@pytest.fixture
def sql(owner_connection: psycopg.Connection) -> Callable[..., list[Any]]:
    def run(statement: str, *values: Any) -> list[Any]:
        ran = owner_connection.execute(statement, values)
        return ran.fetchall() if ran.description else []

    return run


def _letter() -> Mail:
    return Mail(f"{secrets.token_hex(6)}@example.org", "Subject", "Text\n", "<p>Text</p>")


async def _put(*mails: Mail, really: bool = True) -> None:
    async with transaction("auth") as session:
        for mail in mails:
            await outbox.put(session, mail, really=really)


def _waits(sql: Callable[..., list[Any]], mail: Mail) -> list[int]:
    """Seconds until it is tried again."""
    query = "SELECT round(extract(epoch FROM due_at - now()))::int FROM auth.mails WHERE recipient = %s"
    return [seconds for (seconds,) in sql(query, mail.to)]


def _now(sql: Callable[..., list[Any]], mail: Mail) -> None:
    sql("UPDATE auth.mails SET due_at = now() WHERE recipient = %s", mail.to)


async def test_a_letter_is_handed_over_as_it_was_written_and_then_forgotten(
    empty: Postbox, sql: Callable[..., list[Any]]
) -> None:
    mails = [_letter() for _ in range(3)]
    await _put(*mails)
    assert await outbox.deliver() == 3
    assert sorted(empty.letters, key=lambda m: m.to) == sorted(mails, key=lambda m: m.to)
    assert sql("SELECT 1 FROM auth.mails") == []
    assert await outbox.deliver() == 0


async def test_what_was_rolled_back_is_never_spoken_of(empty: Postbox) -> None:
    mail = _letter()

    async def put_and_fail() -> None:
        async with transaction("auth") as session:
            await outbox.put(session, mail)
            raise Crashed

    with pytest.raises(Crashed):
        await put_and_fail()
    assert await outbox.deliver() == 0
    assert empty.to(mail.to) == []


async def test_a_letter_to_nobody_reaches_nobody_and_is_forgotten_too(
    empty: Postbox, sql: Callable[..., list[Any]]
) -> None:
    await _put(_letter(), really=False)
    assert sql("SELECT recipient FROM auth.mails") == [(None,)]
    assert await outbox.deliver() == 1
    assert empty.letters == []
    assert sql("SELECT 1 FROM auth.mails") == []


async def test_what_the_mail_system_did_not_take_is_tried_again_ever_later_and_given_up_in_the_end(
    empty: Postbox, sql: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuse(_: Mail) -> None:
        raise NotSent

    monkeypatch.setattr(outbox, "send", refuse)
    mail = _letter()
    await _put(mail)
    waits = []
    for _ in range(7):
        _now(sql, mail)
        assert await outbox.deliver() == 0
        waits += _waits(sql, mail)
    assert waits == pytest.approx([60, 120, 240, 480, 960, 1920, 3840], abs=5)
    assert "a letter is given up" not in caplog.text
    _now(sql, mail)
    await outbox.deliver()
    assert _waits(sql, mail) == []
    assert "a letter is given up" in caplog.text


async def test_one_letter_that_is_not_taken_holds_up_no_other(
    empty: Postbox, sql: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = _letter(), _letter()

    async def picky(mail: Mail) -> None:
        if mail.to == bad.to:
            raise NotSent
        await empty.take(mail)

    monkeypatch.setattr(outbox, "send", picky)
    await _put(bad, good)
    assert await outbox.deliver() == 1
    assert empty.letters == [good]
    _now(sql, bad)
    monkeypatch.setattr(outbox, "send", empty.take)
    assert await outbox.deliver() == 1
    assert empty.letters == [good, bad]


async def test_a_process_that_dies_between_sending_and_forgetting_sends_it_twice_rather_than_never(
    empty: Postbox, sql: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(mail: Mail) -> None:
        await empty.take(mail)
        raise Crashed

    mail = _letter()
    await _put(mail)
    monkeypatch.setattr(outbox, "send", die)
    with pytest.raises(Crashed):
        await outbox.deliver()
    monkeypatch.setattr(outbox, "send", empty.take)
    assert await outbox.deliver() == 0  # somebody might still be at it
    _now(sql, mail)
    assert await outbox.deliver() == 1
    assert empty.letters == [mail, mail]


async def test_many_who_deliver_at_once_send_each_letter_once(empty: Postbox) -> None:
    mails = [_letter() for _ in range(12)]
    await _put(*mails)
    assert sum(await asyncio.gather(*(outbox.deliver() for _ in range(4)))) == 12
    assert sorted(m.to for m in empty.letters) == sorted(m.to for m in mails)


async def test_a_refused_request_sends_no_letter(client: AsyncClient, empty: Postbox) -> None:
    order = {"email": _letter().to, "password": "password1", "display_name": "Ada"}
    assert (await client.post("/v1/auth/register", json=order)).status_code == 422
    assert await outbox.deliver() == 0
    assert empty.letters == []
