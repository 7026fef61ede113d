"""What a door's letters say, wherever they wait to be sent or were sent to."""

import asyncio
import time
from typing import Protocol

import httpx
import psycopg


class Letters(Protocol):
    async def to(self, address: str) -> str:
        """The text of the one letter to this address."""


class Unsent:
    """Where no mail server takes any, they stay in the table."""

    def __init__(self, owner: psycopg.Connection) -> None:
        self._owner = owner

    async def to(self, address: str) -> str:
        row = self._owner.execute("SELECT text || html FROM auth.mails WHERE recipient = %s", [address]).fetchone()
        assert row is not None, address
        return str(row[0])


class Emulated:
    """The emulator's SES keeps what it was given."""

    def __init__(self, endpoint: str) -> None:
        self._url = f"{endpoint}/_ministack/ses/messages"

    async def to(self, address: str) -> str:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            async with httpx.AsyncClient() as client:
                by_account = (await client.get(self._url)).json()["messages"]
            for letters in by_account.values():
                for letter in letters:
                    if address in letter["To"]:
                        return f"{letter['BodyText']}{letter.get('BodyHtml') or ''}"
            await asyncio.sleep(0.2)
        raise AssertionError(address)
