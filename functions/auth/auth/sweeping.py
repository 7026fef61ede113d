"""What has had its time is removed."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, text, update

from auth.devices import LIFE as DEVICE_LIFE
from common import storage
from common.db import transaction
from common.models.auth import Device, Session
from common.models.auth_proofs import Challenge, MailToken
from common.models.auth_records import Export, Limit

_SESSIONS_SHOWN_FOR = timedelta(days=30)
_ALONE = text("SELECT pg_try_advisory_xact_lock(hashtext('auth.sweeping'))")


def _outlived() -> tuple[tuple[Any, ColumnElement[bool]], ...]:
    return (
        (Challenge, Challenge.expires_at < func.now()),
        (MailToken, MailToken.expires_at < func.now()),
        (Limit, Limit.window_ends < func.now()),
        # Whoever looks at what happened to an account finds its last sessions; revoked ones expire too.
        (Session, Session.expires_at < func.now() - _SESSIONS_SHOWN_FOR),
        (Device, Device.last_seen_at < func.now() - DEVICE_LIFE),
    )


async def sweep() -> None:
    """Once at a time: two that delete the same rows in another order would wait for each other."""
    async with transaction("auth") as session:
        if await session.scalar(_ALONE):
            for model, outlived in _outlived():
                await session.execute(delete(model).where(outlived))


async def expire_exports() -> int:
    """The file first: a row that says "ready" without one does less harm than a file that no row names."""
    expired = 0
    while await _expire_one():
        expired += 1
    return expired


async def _expire_one() -> bool:
    over = select(Export).where(Export.status == "ready", Export.expires_at < func.now())
    async with transaction("auth") as session:
        export = await session.scalar(over.order_by(func.random()).limit(1).with_for_update(skip_locked=True))
        if export is None:
            return False
        if export.object_key:
            await storage.delete(storage.accounts_bucket(), export.object_key)
        gone = update(Export).where(Export.id == export.id)
        await session.execute(gone.values(status="expired", object_key=None))
    return True
