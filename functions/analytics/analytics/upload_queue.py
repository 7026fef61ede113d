"""The queue that the store tells of uploads. What is to be read again is told to it in the same words."""

import json
from functools import cache
from typing import Any
from urllib.parse import quote_plus

from common.models.analytics import Upload
from common.settings import ConfigurationError, settings
from common.storage import in_thread


def news_of(upload: Upload) -> str:
    stored = {"key": quote_plus(upload.key), "eTag": upload.etag, "size": upload.size}
    record = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": upload.bucket}, "object": stored}}
    return json.dumps({"Records": [record]})


async def tell(news: str) -> None:
    """After the commit of what it tells of: a worker that came sooner would find nothing to do. Raises StorageUnavailable."""
    await in_thread(_send, news)


def _send(news: str) -> None:
    url = settings().uploads_queue_url
    if url is None:
        raise ConfigurationError("UPLOADS_QUEUE_URL is not set: the queue that uploads are told to")
    _queue().send_message(QueueUrl=url, MessageBody=news)


@cache
def _queue() -> Any:
    import boto3
    from botocore.config import Config

    options = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard"})
    return boto3.client("sqs", endpoint_url=settings().aws_endpoint_url, config=options)
