"""The provider's list against ours, once a day and whenever an administrator wants it."""

import logging
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, DateTime, Text, cast, func, select, text
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import transaction
from common.models.money_payments import Payment
from common.models.money_reconciliation import Reconciliation, ReconciliationSchedule
from money import alarms
from money.provider import Movement, Unreachable, enabled, provider

NOBODY = UUID(int=0)
"""Who acts when the schedule does."""
_AFTER_MIDNIGHT = timedelta(hours=1)
"""By then what happened before midnight, in UTC, is on everybody's list."""
_LEASE = timedelta(minutes=20)
_LISTED_BEFORE = timedelta(days=1)
"""Lines that come late to the list are looked for so far back."""
_LONGEST = text("SET LOCAL statement_timeout = '15min'")
_log = logging.getLogger("artel.money")


async def run(name: str, actor: UUID, until: datetime) -> list[Reconciliation]:
    """Compare up to a moment, from where the last run ended. One result for each currency."""
    source = provider(name)
    async with transaction("money") as session:
        since = await _since(session, name, until)
    listed = since - _LISTED_BEFORE
    lines = [line async for line in source.movements(listed, max(until, datetime.now(UTC)))]
    async with transaction("money") as session:
        await session.execute(_LONGEST)
        called = func.money.reconcile(actor, name, listed, since, until, *_columns(lines))
        runs = (await session.scalars(select(called))).all()
        found = await session.scalars(select(Reconciliation).where(Reconciliation.id.in_(runs)))
        made = sorted(found, key=lambda run: run.currency)
        await session.execute(_done(name, until))
    for one in made:
        _tell(one)
    return made


async def _since(session: AsyncSession, name: str, until: datetime) -> datetime:
    """Where the last run ended, or the first payment began; the day before, when that is nothing yet or later."""
    done = select(ReconciliationSchedule.done_until).where(ReconciliationSchedule.provider == name)
    first = select(func.min(Payment.created_at)).where(Payment.provider == name)
    begun = await session.scalar(done) or await session.scalar(first)
    return min(begun or until, until - timedelta(days=1))


def _columns(lines: list[Movement]) -> tuple[object, ...]:
    return (
        cast([line.id for line in lines], ARRAY(Text)),
        cast([line.type for line in lines], ARRAY(Text)),
        cast([line.amount for line in lines], ARRAY(BigInteger)),
        cast([line.fee for line in lines], ARRAY(BigInteger)),
        cast([line.currency for line in lines], ARRAY(Text)),
        cast([line.reference for line in lines], ARRAY(Text)),
        cast([line.at for line in lines], ARRAY(DateTime(timezone=True))),
    )


def _done(name: str, until: datetime) -> Insert:
    schedule = insert(ReconciliationSchedule).values(provider=name, due_at=_next_due(until), done_until=until)
    kept = schedule.excluded
    return schedule.on_conflict_do_update(
        index_elements=["provider"],
        set_={
            "due_at": kept.due_at,
            "done_until": func.greatest(kept.done_until, ReconciliationSchedule.done_until),
        },
    )


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _next_due(moment: datetime) -> datetime:
    return _midnight(moment) + timedelta(days=1) + _AFTER_MIDNIGHT


def _tell(made: Reconciliation) -> None:
    if made.unmatched:
        alarms.raise_alarm(
            "reconciliation_differs",
            "a provider's list is not ours",
            reconciliation_id=str(made.id),
            provider=made.provider,
            currency=made.currency,
            difference=made.difference,
            unmatched=made.unmatched,
        )


async def _lease(name: str) -> bool:
    """Whether it is this process's turn. The first time it is at once."""
    now = func.now()
    schedule = insert(ReconciliationSchedule).values(provider=name, due_at=now + _LEASE)
    async with transaction("money") as session:
        taken = await session.scalar(
            schedule.on_conflict_do_update(
                index_elements=["provider"],
                set_={"due_at": schedule.excluded.due_at},
                where=ReconciliationSchedule.due_at <= now,
            ).returning(ReconciliationSchedule.provider)
        )
    return taken is not None


async def run_due() -> int:
    """For each provider, yesterday, once a day. Returns for how many. One that does not answer is asked again later."""
    done = 0
    for name in enabled():
        if not await _lease(name):
            continue
        try:
            await run(name, NOBODY, _midnight(datetime.now(UTC)))
        except Unreachable as problem:
            _log.warning("a provider does not answer: %s", problem, extra={"provider": name})
        else:
            done += 1
    return done
