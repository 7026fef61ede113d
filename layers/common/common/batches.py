"""Much work for the database, in transactions short enough that nobody waits for them."""

from sqlalchemy import TextClause

from common.db import transaction
from common.settings import Group


async def in_batches(group: Group, statement: TextClause, most: int) -> int:
    """`statement` takes the parameter `most` and returns how much it has done; less than that is the end. Returns the sum."""
    done = 0
    while True:
        async with transaction(group) as session:
            some = int(await session.scalar(statement, {"most": most}) or 0)
        done += some
        if some < most:
            return done
