"""Letters wait in a table until they are handed over: written in the request's transaction, sent after it.

So a letter is sent if and only if what it speaks of was stored, a mail server that is down loses none, and the request
takes as long whether or not there is anybody to write to.
"""

import logging
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import transaction
from common.mail import Mail, NotSent, send
from common.models.auth_records import QueuedMail

_FIRST_WAIT = timedelta(seconds=60)
_ATTEMPTS = 8
"""Doubling waits from one minute: two hours in all. What a letter carries is not worth more by then."""

_log = logging.getLogger("artel.mail")


async def put(session: AsyncSession, mail: Mail, *, really: bool = True) -> None:
    """Queue a letter. `really=False`: for nobody, at the same cost; it stands for a letter that must not be told apart."""
    recipient = mail.to if really else None
    session.add(QueuedMail(recipient=recipient, subject=mail.subject, text=mail.text, html=mail.html))
    await session.flush()


def _on_the_wire(address: str) -> str:
    """Mail systems want domains in ASCII (RFC 5891); people wrote them in their own letters."""
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    from email_validator import validate_email

    return f"{local}@{validate_email(address, check_deliverability=False).ascii_domain}"


async def _take() -> QueuedMail | None:
    """The next letter that is due, put off so that nobody else takes it meanwhile."""
    async with transaction("auth") as session:
        due = (
            select(QueuedMail.id)
            .where(QueuedMail.due_at <= func.now())
            .order_by(QueuedMail.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return await session.scalar(
            update(QueuedMail)
            .where(QueuedMail.id == due.scalar_subquery())
            .values(
                attempts=QueuedMail.attempts + 1,
                due_at=func.now() + _FIRST_WAIT * func.power(2, QueuedMail.attempts),
            )
            .returning(QueuedMail)
        )


async def deliver() -> int:
    """Hand over every letter that is due. Returns how many were. One that fails waits and is tried again."""
    sent = 0
    while (letter := await _take()) is not None:
        if letter.recipient is not None:
            try:
                await send(Mail(_on_the_wire(letter.recipient), letter.subject, letter.text, letter.html))
            except NotSent:
                if letter.attempts < _ATTEMPTS:
                    continue
                _log.exception("a letter is given up", extra={"subject": letter.subject})
        async with transaction("auth") as session:
            await session.execute(delete(QueuedMail).where(QueuedMail.id == letter.id))
        sent += 1
    return sent
