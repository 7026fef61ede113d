"""The object store (S3). Calls block, so they run in a thread; boto3 is imported on first use (0.4 s of a cold start)."""

import asyncio
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.errors import ServiceUnavailable
from common.settings import ConfigurationError, settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def uploads_bucket() -> str:
    name = settings().uploads_bucket
    if name is None:
        raise ConfigurationError("UPLOADS_BUCKET is not set: the bucket that people's files go to")
    return name


@cache
def _client(endpoint: str | None) -> "S3Client":
    import boto3
    from botocore.config import Config

    # Emulators and S3-compatible stores have no DNS name per bucket.
    style: Any = {"addressing_style": "path" if endpoint else "virtual"}
    options = Config(
        signature_version="s3v4", s3=style, connect_timeout=3, read_timeout=20, retries={"mode": "standard"}
    )
    return boto3.client("s3", endpoint_url=endpoint, config=options)


def client() -> "S3Client":
    return _client(settings().aws_endpoint_url)


class StorageUnavailable(ServiceUnavailable):
    """The file store does not answer right now; try again shortly."""


async def in_thread[**P, R](call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """A blocking call to the store. Raises StorageUnavailable."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return await asyncio.to_thread(call, *args, **kwargs)
    except (BotoCoreError, ClientError) as error:
        raise StorageUnavailable from error


async def presigned_post(
    bucket: str, key: str, content_type: str, max_bytes: int, expires_s: int = 900
) -> dict[str, Any]:
    """`{"url", "fields"}` of a form that uploads exactly this key, of this type, up to this size."""
    signer = _client(settings().s3_public_endpoint_url or settings().aws_endpoint_url)
    conditions: list[Any] = [{"Content-Type": content_type}, ["content-length-range", 1, max_bytes]]
    return await in_thread(
        signer.generate_presigned_post,
        Bucket=bucket,
        Key=key,
        Fields={"Content-Type": content_type},
        Conditions=conditions,
        ExpiresIn=expires_s,
    )


async def download(bucket: str, key: str, path: Path) -> None:
    await in_thread(client().download_file, bucket, key, str(path))
