"""An upload that failed is read again: the queue gets the same news that the store told of it."""

import json
from functools import cache
from typing import Any
from urllib.parse import quote_plus
from uuid import UUID

from sqlalchemy import func, select, update

from analytics import claims
from analytics.errors import FileGone, NotFailed, UploadNotFound
from common.db import transaction
from common.models.analytics import Upload
from common.settings import ConfigurationError, settings
from common.storage import StorageUnavailable, in_thread


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
        news, error = _news(upload), upload.error
        again = {
            "state": "waiting",
            "percent": 0,
            "rows_read": 0,
            "attempts": upload.attempts + -upload.attempts % claims.MAX_ATTEMPTS,
            "error": None,
            "finished_at": None,
        }
        await session.execute(update(Upload).where(Upload.id == upload_id).values(again))
    # After the commit: a worker that came sooner would find nothing to do.
    try:
        await in_thread(_send, news)
    except StorageUnavailable:
        async with transaction("analytics") as session:
            failed = {"state": "failed", "error": error, "finished_at": func.now()}
            waiting = update(Upload).where(Upload.id == upload_id, Upload.state == "waiting")
            await session.execute(waiting.values(failed))
        raise


def _news(upload: Upload) -> str:
    stored = {"key": quote_plus(upload.key), "eTag": upload.etag, "size": upload.size}
    record = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": upload.bucket}, "object": stored}}
    return json.dumps({"Records": [record]})


@cache
def _queue() -> Any:
    import boto3
    from botocore.config import Config

    options = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard"})
    return boto3.client("sqs", endpoint_url=settings().aws_endpoint_url, config=options)


def _send(news: str) -> None:
    url = settings().uploads_queue_url
    if url is None:
        raise ConfigurationError("UPLOADS_QUEUE_URL is not set: the queue that uploads are told to")
    _queue().send_message(QueueUrl=url, MessageBody=news)
