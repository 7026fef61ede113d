"""Putting files away: of what was deleted, and of uploads that failed a week ago."""

import logging

from sqlalchemy import delete, func, select, text

from common import storage
from common.batches import in_batches
from common.db import transaction
from common.models.analytics import StaleFile
from common.storage import StorageUnavailable

_MOST = 100
_log = logging.getLogger("artel.analytics")
_FAILED = text("""
    WITH old AS (
        UPDATE analytics.uploads SET file_deleted_at = now() WHERE id IN (
            SELECT id FROM analytics.uploads
            WHERE state = 'failed' AND file_deleted_at IS NULL AND finished_at < now() - interval '7 days'
            ORDER BY finished_at LIMIT :most FOR UPDATE SKIP LOCKED
        ) RETURNING bucket, key
    ), left_behind AS (
        INSERT INTO analytics.stale_files (bucket, key) SELECT bucket, key FROM old
        WHERE NOT EXISTS (
            SELECT FROM analytics.uploads AS u
            WHERE u.bucket = old.bucket AND u.key = old.key AND u.state <> 'failed'
        )
    ) SELECT count(*) FROM old""")


_FORSAKEN = text("""
    WITH forsaken AS (
        SELECT u.id, d.id AS dataset_id FROM analytics.uploads AS u
        LEFT JOIN analytics.datasets AS d ON d.upload_id = u.id
        WHERE u.state = 'processing' AND u.claimed_until < now() - make_interval(secs => :after)
        LIMIT :most FOR UPDATE OF u SKIP LOCKED
    ), as_before AS (
        UPDATE analytics.datasets SET wanted = NULL WHERE id IN (SELECT dataset_id FROM forsaken)
    ), told AS (
        UPDATE analytics.uploads AS u SET
            state = CASE WHEN f.dataset_id IS NULL THEN 'failed' ELSE 'done' END,
            error = :reason, claimed_until = NULL, finished_at = now()
        FROM forsaken AS f WHERE f.id = u.id RETURNING 1
    ) SELECT count(*) FROM told""")
FORSAKEN_S = 3600
"""After so long without a sign of the worker no delivery comes any more: the queue has tried as often as it does."""
_REASON = "Reading the file was interrupted several times over. Try it again."


async def tell_forsaken() -> int:
    """Uploads whose worker died each time, the last one too, which nobody heard of. Returns how many."""
    async with transaction("analytics") as session:
        given = {"after": FORSAKEN_S, "most": _MOST, "reason": _REASON}
        return int(await session.scalar(_FORSAKEN, given) or 0)


async def leave_failed() -> int:
    """Uploads that nobody has tried again for a week. Returns how many."""
    return await in_batches("analytics", _FAILED, _MOST)


async def sweep() -> None:
    """Raises StorageUnavailable at the end, if some could not be deleted."""
    async with transaction("analytics") as session:
        # Any of them: one that cannot be deleted today must not keep the others waiting.
        due = list(
            await session.scalars(
                select(StaleFile.id).where(StaleFile.since <= func.now()).order_by(func.random()).limit(_MOST)
            )
        )
    failed = [file_id for file_id in due if not await _tried(file_id)]
    if failed:
        raise StorageUnavailable(f"{len(failed)} files were not deleted")


async def _tried(file_id: int) -> bool:
    """In a transaction of its own. Somebody else may have it in hand."""
    try:
        async with transaction("analytics") as session:
            query = select(StaleFile).where(StaleFile.id == file_id).with_for_update(skip_locked=True)
            file = await session.scalar(query)
            if file is not None:
                await storage.delete(file.bucket, file.key, exactly=not file.key.endswith("/"))
                await session.execute(delete(StaleFile).where(StaleFile.id == file_id))
    except StorageUnavailable:
        _log.warning("a file was not deleted", extra={"file": file_id})
        return False
    return True
