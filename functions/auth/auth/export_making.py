"""Makes the exports that people have asked for. One whose worker was killed is taken up again when its lease is over."""

import secrets
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, export_archive, letters, links, outbox
from common import storage
from common.db import transaction
from common.models.auth import User
from common.models.auth_records import Export

KEPT = timedelta(days=7)
ATTEMPTS = 3
_LEASE = timedelta(minutes=10)
"""Prolonged between the parts of an export; no part takes as long."""
_PAUSE = timedelta(minutes=2)


class LeaseLost(RuntimeError):
    """Another worker makes this export now, or its owner has left."""


async def make_all() -> int:
    """Every export that waits. Returns how many were made."""
    await _give_up()
    made = 0
    while (export := await _take()) is not None:
        made += await _make(export)
    return made


def _abandoned() -> ColumnElement[bool]:
    return and_(Export.status == "running", Export.lease_until < func.now())


async def _give_up() -> None:
    """Those whose workers died again and again."""
    async with transaction("auth") as session:
        over = update(Export).where(_abandoned(), Export.attempts >= ATTEMPTS)
        await session.execute(over.values(status="failed", finished_at=func.now(), lease_until=None))


async def _take() -> Export | None:
    """The next one, and with it the duty to make it before the lease ends."""
    waiting = or_(Export.status == "queued", and_(_abandoned(), Export.attempts < ATTEMPTS))
    async with transaction("auth") as session:
        chosen = select(Export.id).where(waiting).order_by(Export.id).limit(1).with_for_update(skip_locked=True)
        return await session.scalar(
            update(Export)
            .where(Export.id == chosen.scalar_subquery())
            .values(status="running", attempts=Export.attempts + 1, lease_until=func.now() + _LEASE)
            .returning(Export)
        )


async def _set(session: AsyncSession, export: Export, **values: Any) -> bool:
    """False: the export is no longer this worker's."""
    mine = (Export.id == export.id, Export.status == "running", Export.attempts == export.attempts)
    return await session.scalar(update(Export).where(*mine).values(values).returning(Export.id)) is not None


async def _put_off(export: Export) -> None:
    """After a fault of ours: as if the worker had died, but sooner."""
    async with transaction("auth") as session:
        await _set(session, export, lease_until=func.now() + _PAUSE)


async def _make(export: Export) -> bool:
    """False when it was taken away meanwhile."""
    key = f"exports/{export.user_id}/{export.id}-{secrets.token_urlsafe(16)}.zip"
    settled = False
    try:
        await _make_and_store(export, key)
        settled = True
    except LeaseLost:
        settled = True
        await storage.delete(storage.accounts_bucket(), key)
        return False
    finally:
        if not settled:
            await _put_off(export)
    return True


async def _make_and_store(export: Export, key: str) -> None:
    async def still_mine() -> None:
        async with transaction("auth", beside=True) as beside:
            if not await _set(beside, export, lease_until=func.now() + _LEASE):
                raise LeaseLost

    with tempfile.TemporaryDirectory(prefix="artel-export-") as folder:
        archive = Path(folder) / "export.zip"
        async with transaction("auth") as session:
            user = await _living(session, export.user_id)
            await export_archive.write(session, user, archive, still_mine)
        await still_mine()
        await storage.upload(storage.accounts_bucket(), key, archive, "application/zip")
        size = archive.stat().st_size
    async with transaction("auth") as session:
        await _publish(session, export, key, size)


async def _living(session: AsyncSession, user_id: UUID) -> User:
    user = await session.scalar(select(User).where(User.id == user_id, User.deleted_at.is_(None)))
    if user is None:
        raise LeaseLost
    return user


async def _publish(session: AsyncSession, export: Export, key: str, size: int) -> None:
    done = {"status": "ready", "object_key": key, "bytes": size, "lease_until": None}
    if not await _set(session, export, **done, finished_at=func.now(), expires_at=func.now() + KEPT):
        raise LeaseLost
    user = await _living(session, export.user_id)
    await audit.note(session, "export_ready", user.id, export=str(export.id))
    link = links.page("account")
    await outbox.put(session, letters.export_ready(user.email, user.display_name, user.locale, link))
