from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text

from common.db import transaction
from tests.conftest import copy_database
from tests.money.state_machine.books import Books


@pytest.fixture(autouse=True)
async def the_books_are_right_afterwards(loop_of_the_run: None) -> AsyncIterator[None]:
    """I1, I4 and I9 over all accounts, after every test."""
    yield
    async with transaction("money") as session:
        assert (await session.execute(text("SELECT * FROM money.violations()"))).all() == []


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
