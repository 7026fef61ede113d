"""What is to be told after a commit is told after it, once, and not when there was none."""

import psycopg
import pytest
from httpx import AsyncClient
from sqlalchemy import text

from common.db import after_commit, transaction
from common.errors import BadRequest

pytestmark = pytest.mark.usefixtures("client")


class Told:
    def __init__(self, connection: psycopg.Connection, name: str) -> None:
        self.connection, self.name = connection, name
        self.found: list[int] = []

    async def __call__(self) -> None:
        """How many rows others see at this moment."""
        row = self.connection.execute("SELECT count(*) FROM posts.tags WHERE name = %s", [self.name]).fetchone()
        assert row is not None
        self.found.append(row[0])


@pytest.fixture
def told(client: AsyncClient, owner_connection: psycopg.Connection, request: pytest.FixtureRequest) -> Told:
    owner_connection.execute("SET ROLE artel_owner")
    return Told(owner_connection, request.node.name)


async def _write(told: Told, error: Exception | None = None) -> None:
    async with transaction("posts") as session:
        after_commit(session, told)
        await session.execute(text("INSERT INTO posts.tags (name) VALUES (:name)"), {"name": told.name})
        after_commit(session, told)
        assert told.found == []
        if error is not None:
            raise error


async def test_others_see_the_write_by_then_and_it_is_told_once(told: Told) -> None:
    await _write(told)
    assert told.found == [1]


async def test_nothing_is_told_of_what_was_rolled_back(told: Told) -> None:
    for error in (BadRequest(), LookupError()):
        with pytest.raises(type(error)):
            await _write(told, error)
    assert told.found == []


async def test_an_error_that_keeps_what_was_written_tells_it(told: Told) -> None:
    with pytest.raises(BadRequest):
        await _write(told, BadRequest(keep=True))
    assert told.found == [1]
