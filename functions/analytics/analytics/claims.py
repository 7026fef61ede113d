"""Who processes an upload. The same event may come twenty times at once, and a worker may die half-way.

A claim is a lease in the upload's row: it is prolonged with every report of progress, and whoever finds it expired takes
over. `attempts` is the fencing token: a worker that lost its lease finds another number there and stops.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import CursorResult, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from analytics.object_keys import parse_upload_key
from analytics.upload_events import StoredObject
from common.db import transaction
from common.models.analytics import StaleFile, Upload

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 3
"""As often as the queue delivers: with the last one the person learns that it failed, and the message becomes a dead letter.
Who has it tried again begins at the next multiple: numbers never come back, because they tell workers apart."""
_HEARTBEAT = LEASE / 4


class LeaseLost(RuntimeError):
    """Another worker has taken the upload over."""


@dataclass(frozen=True, slots=True)
class Claim:
    upload_id: UUID
    user_id: UUID
    filename: str
    bucket: str
    key: str
    etag: str
    attempt: int
    replaces: UUID | None


async def find_upload(session: AsyncSession, stored: StoredObject, etag: str, user_id: UUID) -> Upload | None:
    """The row of this content: known already, awaited through the API, or new. One row, however many ask at once.

    None for one that was announced and deleted since: its event comes too late.
    """
    content = (Upload.bucket == stored.bucket) & (Upload.key == stored.key)
    known = select(Upload).where(content, Upload.etag == etag)
    if found := await session.scalar(known):
        return found
    awaited = update(Upload).where(content, Upload.etag.is_(None)).values(etag=etag).returning(Upload)
    if found := await session.scalar(awaited):
        return found
    name = await session.scalar(select(Upload.filename).where(content).limit(1))
    parsed = parse_upload_key(stored.key)
    assert parsed is not None
    if parsed.upload_id is not None and name is None:
        return None
    # What was dropped once more after it had been deleted must not be put away.
    await session.execute(delete(StaleFile).where(StaleFile.bucket == stored.bucket, StaleFile.key == stored.key))
    row = {"user_id": user_id, "bucket": stored.bucket, "key": stored.key, "etag": etag, "size": stored.size}
    new = insert(Upload).values(**row, filename=name or parsed.filename).on_conflict_do_nothing()
    await session.execute(new)
    return (await session.scalars(known)).one()


async def take(session: AsyncSession, upload: Upload) -> Claim | None:
    """None if there is nothing to do, or somebody else is at it."""
    free = or_(Upload.claimed_until.is_(None), Upload.claimed_until < func.now())
    taken = await session.scalar(
        update(Upload)
        .where(Upload.id == upload.id, Upload.state.in_(("waiting", "processing")), free)
        .values(state="processing", attempts=Upload.attempts + 1, claimed_until=func.now() + LEASE)
        .returning(Upload.attempts)
    )
    if taken is None:
        return None
    assert upload.etag is not None
    where = (upload.bucket, upload.key, upload.etag)
    return Claim(upload.id, upload.user_id, upload.filename, *where, taken, upload.replaces)


async def settled(upload_id: UUID) -> bool:
    async with transaction("analytics") as session:
        state = await session.scalar(select(Upload.state).where(Upload.id == upload_id))
        return state in ("done", "failed")


async def write(session: AsyncSession, claim: Claim, **values: object) -> None:
    """Change the upload's row while the claim holds. Raises LeaseLost."""
    held = (Upload.id == claim.upload_id, Upload.attempts == claim.attempt, Upload.state == "processing")
    result = await session.execute(update(Upload).where(*held).values(**values))
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise LeaseLost(f"upload {claim.upload_id}, attempt {claim.attempt}")


async def report(claim: Claim, percent: int, rows: int) -> None:
    async with transaction("analytics") as session:
        await write(session, claim, percent=percent, rows_read=rows, claimed_until=func.now() + LEASE)


@asynccontextmanager
async def kept(claim: Claim) -> AsyncIterator[None]:
    """Prolongs the lease for as long as the block takes. Losing it is noticed by the block's next write."""
    beating = asyncio.create_task(_prolong(claim))
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.wait({beating})


async def _prolong(claim: Claim) -> None:
    while True:
        await asyncio.sleep(_HEARTBEAT.total_seconds())
        async with transaction("analytics") as session:
            await write(session, claim, claimed_until=func.now() + LEASE)


async def release(claim: Claim) -> None:
    """After a failure that is not the workbook's: the next delivery need not wait for the lease to end."""
    async with transaction("analytics") as session:
        await write(session, claim, claimed_until=None)


async def again(session: AsyncSession, upload: Upload) -> None:
    """Have it read once more, when the queue is told of it."""
    values = {
        "state": "waiting",
        "percent": 0,
        "rows_read": 0,
        "attempts": upload.attempts + -upload.attempts % MAX_ATTEMPTS,
        "error": None,
        "finished_at": None,
    }
    await session.execute(update(Upload).where(Upload.id == upload.id).values(values))
