"""What tests of accounts share."""

from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from httpx import AsyncClient

from tests.auth.authenticator import Authenticator
from tests.auth.ceremonies import register
from tests.auth.postbox import Postbox
from tests.auth.traces import Traces, leave
from tests.people import People, Person


@pytest.fixture
def postbox(client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> Postbox:
    """Takes every letter that is handed over from now on."""
    made = Postbox()
    monkeypatch.setattr("auth.outbox.send", made.take)
    return made


@pytest.fixture
def no_nudge(monkeypatch: pytest.MonkeyPatch) -> None:
    """What requests queue stays in the queue, where a test can look at it."""

    async def nothing() -> None:
        pass

    monkeypatch.setattr("auth.routes.deletion.nudge", nothing)
    monkeypatch.setattr("auth.routes.exports.nudge", nothing)


@pytest.fixture
def long_ago(owner_connection: psycopg.Connection) -> Callable[[UUID], None]:
    """Makes somebody's deletion older than the time for regret."""

    def move(person: UUID) -> None:
        moved = "UPDATE auth.users SET deleted_at = now() - interval '30 days 1 minute' WHERE id = %s"
        assert owner_connection.execute(moved, [person]).rowcount == 1

    return move


@pytest.fixture
async def traces(client: AsyncClient, people: People, bob: Person, store: str) -> Traces:
    return await leave(client, people, bob)


@pytest.fixture
def device() -> Authenticator:
    return Authenticator()


@pytest.fixture
async def passkey(ada: Person, device: Authenticator) -> str:
    """The id of the passkey that Ada has on the device."""
    return await register(ada, device)
