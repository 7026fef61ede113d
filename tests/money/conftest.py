from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
from sqlalchemy import text

from common.db import transaction
from tests.money.notices import Sql, runner
from tests.money.receiver import Receiver, listening


@pytest.fixture(autouse=True)
async def the_books_are_right_afterwards(loop_of_the_run: None) -> AsyncIterator[None]:
    """I1, I4 and I9 over all accounts, after every test."""
    yield
    async with transaction("money") as session:
        assert (await session.execute(text("SELECT * FROM money.violations()"))).all() == []


@pytest.fixture
def sql(owner_connection: psycopg.Connection) -> Sql:
    """As the owner of the database."""
    return runner(owner_connection)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as made:
        yield made


@pytest.fixture(autouse=True)
def nobody_is_sent_anything_afterwards(owner_connection: psycopg.Connection) -> Iterator[None]:
    """Where endpoints of this test lead to is gone, or was never there."""
    yield
    owner_connection.execute("DELETE FROM money.webhook_endpoints")
