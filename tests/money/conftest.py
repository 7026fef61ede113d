from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from common.db import transaction
from tests.money.parties import Sql


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

    def run(statement: str, *values: Any) -> list[Any]:
        ran = owner_connection.execute(statement.encode(), values)
        return ran.fetchall() if ran.description else []

    return run


@pytest.fixture
def what_waits_is_what_is_there(sql: Sql) -> Iterator[None]:
    """In each currency the account for what waits has what the open claims come to, and nothing else."""
    yield
    query = """SELECT s.currency, s.balance, coalesce(sum(c.amount), 0)::bigint
        FROM money.standing AS s LEFT JOIN money.claims AS c ON c.currency = s.currency AND c.status = 'waiting'
        WHERE s.code LIKE 'unclaimed:%%' GROUP BY s.currency, s.balance"""
    assert [row for row in sql(query) if row[1] != row[2]] == []
