"""An upload's progress as it happens, for whoever watches. No connection to the database is held in between."""

import asyncio
import time
from collections.abc import AsyncGenerator
from uuid import UUID

from analytics import service
from analytics.errors import TooManyWatchers
from analytics.schemas import UploadSummary
from common.db import transaction

MOST_WATCHERS = 200
"""Of one process."""
LOOK_EVERY_S = 0.5
LONGEST_S = 300.0
"""Then the stream ends, and who still watches comes again."""
_ENDS = ("done", "failed")
_watching = 0


async def now(user_id: UUID, upload_id: UUID) -> UploadSummary:
    """Raises UploadNotFound."""
    async with transaction("analytics") as session:
        return await service.read_summary(session, user_id, upload_id)


def refuse_if_crowded() -> None:
    if _watching >= MOST_WATCHERS:
        raise TooManyWatchers


async def watch(user_id: UUID, first: UploadSummary) -> AsyncGenerator[UploadSummary]:
    """Each state that differs from the one before, until the upload has ended."""
    global _watching  # noqa: PLW0603 - a count of this process
    _watching += 1
    try:
        shown, until = first, time.monotonic() + LONGEST_S
        yield shown
        while shown.state not in _ENDS and time.monotonic() < until:
            await asyncio.sleep(LOOK_EVERY_S)
            found = await now(user_id, first.id)
            if found != shown:
                shown = found
                yield shown
    finally:
        _watching -= 1
