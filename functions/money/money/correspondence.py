"""Letters that are due are written here and handed to auth's outbox, which sends them.

They are not written in the request, which must not know whether there is somebody to write to.
"""

from dataclasses import fields

from sqlalchemy import text

from common.db import transaction
from money.letters import About, write

_TAKE = text("SELECT * FROM money.take_letter()")
_QUEUE = text("SELECT identity.queue_letter(:to, :subject, :text, :html)")
_SWEEP = text("SELECT money.sweep_rates()")
_PARTS = tuple(field.name for field in fields(About))


async def write_letters() -> int:
    """Each in a transaction of its own: it is taken if and only if it is in the outbox. Returns how many were taken."""
    taken = 0
    while await _write_one():
        taken += 1
    return taken


async def _write_one() -> bool:
    async with transaction("money") as session:
        row = (await session.execute(_TAKE)).one()
        if row.address is not None:
            mail = write(About(**{name: getattr(row, name) for name in _PARTS}))
            letter = {"to": mail.to, "subject": mail.subject, "text": mail.text, "html": mail.html}
            await session.execute(_QUEUE, letter)
        return row.id is not None


async def sweep_rates() -> int:
    """Put away counters whose time is over. Returns how many."""
    async with transaction("money") as session:
        return int(await session.scalar(_SWEEP) or 0)
