import logging
from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
from sqlalchemy import text

from common.db import transaction
from tests.conftest import copy_database
from tests.money.notices import Sql, runner
from tests.money.receiver import Receiver, listening
from tests.money.state_machine.books import Books
from tests.people import People, Person


@pytest.fixture(autouse=True)
async def the_books_are_right_afterwards(loop_of_the_run: None) -> AsyncIterator[None]:
    """I1, I4 and I9 over all accounts, after every test."""
    yield
    async with transaction("money") as session:
        assert (await session.execute(text("SELECT * FROM money.violations()"))).all() == []


@pytest.fixture
def sql(owner_connection: psycopg.Connection) -> Sql:
    """Runs a statement as the owner of the tables."""
    owner_connection.execute("SET ROLE artel_owner")
    return runner(owner_connection)


class Bell(logging.Handler):
    """Rings when people would be called for."""

    def __init__(self) -> None:
        super().__init__()
        self.alarms: list[str] = []
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        if alarm := getattr(record, "alarm", None):
            assert record.levelno == logging.ERROR
            self.alarms.append(alarm)
            self.records.append(record)


@pytest.fixture
def bell() -> Iterator[Bell]:
    made, log = Bell(), logging.getLogger("artel.money")
    log.addHandler(made)
    yield made
    log.removeHandler(made)


@pytest.fixture
def alarms(bell: Bell) -> list[str]:
    """In the order they were raised."""
    return bell.alarms


@pytest.fixture
async def boss(people: People) -> Person:
    return await people.person("Boss", scope=frozenset({"admin"}), roles=("user", "admin"))


@pytest.fixture(scope="module")
def own_books(worker_id: str) -> Iterator[Books]:
    """The ledger in a database of this module's own."""
    made = Books.of(copy_database(f"artel_books_{worker_id}"))
    yield made
    made.close()


@pytest.fixture
def books(own_books: Books) -> Books:
    """With nothing in it."""
    own_books.begin_anew()
    return own_books


@pytest.fixture
def what_waits_is_what_is_there(sql: Sql) -> Iterator[None]:
    """In each currency the account for what waits has what the open claims come to, and nothing else."""
    yield
    query = """SELECT s.currency, s.balance, coalesce(sum(c.amount), 0)::bigint
        FROM money.standing AS s LEFT JOIN money.claims AS c ON c.currency = s.currency AND c.status = 'waiting'
        WHERE s.code LIKE 'unclaimed:%%' GROUP BY s.currency, s.balance"""
    assert [row for row in sql(query) if row[1] != row[2]] == []


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as made:
        yield made


@pytest.fixture(autouse=True)
def nobody_is_sent_anything_afterwards(owner_connection: psycopg.Connection) -> Iterator[None]:
    """Where endpoints of this test lead to is gone, or was never there."""
    yield
    owner_connection.execute("DELETE FROM money.webhook_endpoints")
