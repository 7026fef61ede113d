"""Mail over SMTP, to a server that understands just enough of it to keep what it was told."""

import asyncio
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from common import mail
from common.settings import settings


class Postman:
    def __init__(self) -> None:
        self.letters: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            if line.upper().startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                self.letters.append((await reader.readuntil(b"\r\n.\r\n")).decode())
            writer.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")
        writer.close()


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    settings.cache_clear()


def _use(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("MAIL_TRANSPORT", "smtp")
    monkeypatch.setenv("MAIL_FROM", "artel@example.org")
    monkeypatch.setenv("SMTP_URL", url)
    settings.cache_clear()


async def test_a_letter_goes_out_over_smtp(loop_of_the_run: None, monkeypatch: pytest.MonkeyPatch) -> None:
    postman = Postman()
    server = await asyncio.start_server(postman.serve, "127.0.0.1", 0)
    _use(monkeypatch, f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server:
        await mail.send(mail.Mail("ada@example.org", "Welcome", "Hello Ada,\n\nwelcome.\n", "<p>Hello Ada</p>\n"))
    (letter,) = postman.letters
    assert "From: artel@example.org" in letter
    assert "To: ada@example.org" in letter
    assert "Hello Ada," in letter
    assert "<p>Hello Ada</p>" in letter
    assert "Content-Type: multipart/alternative" in letter
    assert "Auto-Submitted: auto-generated" in letter
    assert "\r\nDate: " in letter
    assert "@example.org>" in next(line for line in letter.splitlines() if line.startswith("Message-ID: "))


async def test_letters_in_other_scripts_arrive_as_they_were_written(
    loop_of_the_run: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    postman = Postman()
    server = await asyncio.start_server(postman.serve, "127.0.0.1", 0)
    _use(monkeypatch, f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server:
        await mail.send(
            mail.Mail("ada@example.org", "Добро пожаловать", "Здравствуйте, Ада!\n", "<p>Здравствуйте!</p>\n")
        )
    arrived = message_from_bytes(postman.letters[0].encode(), policy=policy.default)
    assert isinstance(arrived, EmailMessage)
    text, html = (arrived.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert arrived["Subject"] == "Добро пожаловать"
    assert text.get_content().strip() == "Здравствуйте, Ада!"
    assert html.get_content().strip() == "<p>Здравствуйте!</p>"


async def test_nobody_adds_a_header(loop_of_the_run: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses are checked long before; this is the last line."""
    _use(monkeypatch, "smtp://127.0.0.1:1")
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        await mail.send(mail.Mail("ada@example.org\r\nBcc: all@example.org", "Welcome", "Hello", "<p>Hello</p>"))


async def test_ses_gets_both_forms(loop_of_the_run: None, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []

    class Ses:
        def send_email(self, **order: Any) -> None:
            sent.append(order)

    monkeypatch.setattr("boto3.client", lambda _: Ses())
    monkeypatch.setenv("MAIL_TRANSPORT", "ses")
    settings.cache_clear()
    await mail.send(mail.Mail("ada@example.org", "Welcome", "Hello", "<p>Hello</p>"))
    (order,) = sent
    assert order["Destination"] == {"ToAddresses": ["ada@example.org"]}
    assert {kind: part["Data"] for kind, part in order["Message"]["Body"].items()} == {
        "Text": "Hello",
        "Html": "<p>Hello</p>",
    }


async def test_a_mail_server_that_is_away_is_told(
    loop_of_the_run: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _use(monkeypatch, "smtp://127.0.0.1:1")
    with pytest.raises(mail.NotSent):
        await mail.send(mail.Mail("ada@example.org", "Welcome", "Hello", "<p>Hello</p>"))
    assert "mail was not sent" in caplog.text
