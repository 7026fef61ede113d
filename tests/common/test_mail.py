"""Mail over SMTP, to a server that understands just enough of it to keep what it was told."""

import asyncio
from collections.abc import Iterator

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


async def test_a_mail_server_that_is_away_is_told(
    loop_of_the_run: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _use(monkeypatch, "smtp://127.0.0.1:1")
    with pytest.raises(mail.NotSent):
        await mail.send(mail.Mail("ada@example.org", "Welcome", "Hello", "<p>Hello</p>"))
    assert "mail was not sent" in caplog.text
