"""An upload that failed is read again."""

from uuid import UUID

from sqlalchemy import func, select, update

from analytics import claims
from analytics.errors import FileGone, NotFailed, UploadNotFound
from analytics.upload_queue import news_of, tell
from common.db import transaction
from common.models.analytics import Upload
from common.storage import StorageUnavailable


async def retry(user_id: UUID, upload_id: UUID) -> None:
    """Raises UploadNotFound, NotFailed, FileGone, StorageUnavailable; then it is failed as before."""
    async with transaction("analytics") as session:
        query = select(Upload).where(Upload.id == upload_id, Upload.user_id == user_id).with_for_update()
        upload = await session.scalar(query)
        if upload is None:
            raise UploadNotFound
        if upload.state != "failed":
            raise NotFailed
        if upload.file_deleted_at is not None:
            raise FileGone
        news, error = news_of(upload), upload.error
        await claims.again(session, upload)
    try:
        await tell(news)
    except StorageUnavailable:
        async with transaction("analytics") as session:
            failed = {"state": "failed", "error": error, "finished_at": func.now()}
            waiting = update(Upload).where(Upload.id == upload_id, Upload.state == "waiting")
            await session.execute(waiting.values(failed))
        raise
