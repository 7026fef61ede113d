"""What providers tell us is stored first and looked into afterwards, so that they get their answer at once and nothing is lost.

An event is done in the same transaction as what it does. Duplicates and any order are fine.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from common.db import transaction
from common.models.money_payments import InboxEvent
from money import alarms
from money.errors import NoSuchWebhook
from money.provider import Delivery, Event, enabled, provider, webhook_secrets

_FIRST_WAIT = timedelta(seconds=10)
_LONGEST_DOUBLING = 11
"""Some six hours between two tries: an event that nobody understands stays, and is tried for ever."""
_ALARMED_AFTER = 8
"""Tries in some twenty minutes."""
_KEPT = timedelta(days=30)
"""Providers send an event again for a few days; what is in it belongs to a person."""

_log = logging.getLogger("artel.money")
type Key = tuple[str, str]
"""Provider and event id."""


async def receive(name: str, sent: Delivery) -> Key:
    """From outside. Raises NoSuchWebhook where nothing is configured, SignatureRefused, UnreadableEvent: then nothing is stored."""
    secrets = webhook_secrets(name) if name in enabled() else ()
    if not secrets:
        raise NoSuchWebhook
    return await store(name, sent, secrets)


async def store(name: str, sent: Delivery, secrets: Sequence[str]) -> Key:
    source = provider(name)
    source.verify(sent.headers, sent.body, secrets)
    event = source.parse(sent.body)
    row = insert(InboxEvent).values(provider=name, event_id=event.id, type=event.type, payload=sent.body)
    async with transaction("money") as session:
        await session.execute(row.on_conflict_do_nothing())
    return name, event.id


async def process(key: Key) -> None:
    """Do what the event says, unless that is done already. One about a payment that we do not know yet is left for later."""
    name, event_id = key
    async with transaction("money") as session:
        waiting = select(InboxEvent.payload, InboxEvent.attempts).where(
            InboxEvent.provider == name, InboxEvent.event_id == event_id, InboxEvent.processed_at.is_(None)
        )
        row = (await session.execute(waiting)).one_or_none()
        if row is None:
            return
        event = provider(name).parse(row.payload)
        taken = func.money.take_event(name, event_id, *_said(event)).table_valued("known", "alarm")
        known, refused = (await session.execute(select(taken))).one()
    alarms.of_settling(refused, provider=name, event_id=event_id)
    if not known and row.attempts == _ALARMED_AFTER:
        alarms.raise_alarm("webhook_stuck", "an event is about no payment of ours", provider=name, event_id=event_id)


def _said(event: Event) -> tuple[object, ...]:
    found = event.found
    if found is None:
        return (None,) * 7
    what = (found.reference, found.status, found.amount, found.currency, found.failure)
    return (event.direction, event.payment_id, *what)


async def process_soon(key: Key) -> None:
    """For after the reply: what goes wrong here is done again by the schedule."""
    try:
        await process(key)
    except (SQLAlchemyError, OSError):
        _log.exception("an event is left for later", extra={"provider": key[0], "event_id": key[1]})


async def _take() -> Key | None:
    """The next event that is due, put off so that nobody else takes it meanwhile."""
    due = (
        select(InboxEvent.provider, InboxEvent.event_id)
        .where(InboxEvent.due_at <= func.now(), InboxEvent.processed_at.is_(None))
        .order_by(InboxEvent.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    doublings = func.least(InboxEvent.attempts, _LONGEST_DOUBLING)
    async with transaction("money") as session:
        taken = await session.execute(
            update(InboxEvent)
            .where(InboxEvent.provider == due.c.provider, InboxEvent.event_id == due.c.event_id)
            .values(attempts=InboxEvent.attempts + 1, due_at=func.now() + _FIRST_WAIT * func.power(2, doublings))
            .returning(InboxEvent.provider, InboxEvent.event_id)
        )
        row = taken.one_or_none()
    return None if row is None else (row.provider, row.event_id)


async def process_due() -> int:
    """Returns how many events were tried. One that cannot be done keeps no other from being done."""
    tried = 0
    while (key := await _take()) is not None:
        (outcome,) = await asyncio.gather(process(key), return_exceptions=True)
        if isinstance(outcome, Exception):
            fields = {"provider": key[0], "event_id": key[1]}
            alarms.raise_alarm("webhook_stuck", f"an event cannot be done: {outcome!r}"[:500], **fields)
        elif isinstance(outcome, BaseException):
            raise outcome
        tried += 1
    return tried


async def empty_old() -> int:
    """Take the payload out of events that were done long ago. Returns how many."""
    old = InboxEvent.processed_at < func.now() - _KEPT
    async with transaction("money") as session:
        emptied = await session.execute(
            update(InboxEvent).where(old, InboxEvent.payload != b"").values(payload=b"").returning(InboxEvent.event_id)
        )
        return len(emptied.all())
