from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from common.db import transaction


@pytest.fixture(autouse=True)
async def the_books_are_right_afterwards(loop_of_the_run: None) -> AsyncIterator[None]:
    """I1, I4 and I9 over all accounts, after every test."""
    yield
    async with transaction("money") as session:
        assert (await session.execute(text("SELECT * FROM money.violations()"))).all() == []
