"""The uploaded object itself."""

from pathlib import Path
from typing import Any

from analytics.limits import Limits
from analytics.refusal import WorkbookRefused
from common import storage

_CHUNK = 1024 * 1024


async def etag_of(bucket: str, key: str) -> str:
    """For stores whose notifications do not tell."""
    head = await storage.in_thread(storage.client().head_object, Bucket=bucket, Key=key)
    return head["ETag"].strip('"')


async def fetch(bucket: str, key: str, etag: str, path: Path, limits: Limits) -> None:
    """Exactly the content that the event told of. Raises WorkbookRefused if it is gone, replaced or too large."""
    await storage.in_thread(_fetch, bucket, key, etag, path, limits)


def _fetch(bucket: str, key: str, etag: str, path: Path, limits: Limits) -> None:
    from botocore.exceptions import ClientError

    try:
        answer: Any = storage.client().get_object(Bucket=bucket, Key=key, IfMatch=etag)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("PreconditionFailed", "412", "NoSuchKey", "404"):
            raise WorkbookRefused("The file was replaced or deleted before it could be read.") from None
        raise
    size = answer["ContentLength"]
    if size > limits.file_bytes:
        raise WorkbookRefused(
            f"The file has {size / 1_048_576:.1f} MB; {limits.file_bytes // 1_048_576} MB are allowed."
        )
    with path.open("wb") as file:
        for chunk in answer["Body"].iter_chunks(_CHUNK):
            file.write(chunk)


async def store(path: Path, bucket: str, key: str) -> str:
    """The stored file's ETag."""
    return await storage.in_thread(_store, path, bucket, key)


def _store(path: Path, bucket: str, key: str) -> str:
    """In one request, whose answer has the ETag: the function may write Parquet files, but has no need to read them."""
    with path.open("rb") as file:
        return storage.client().put_object(Bucket=bucket, Key=key, Body=file)["ETag"].strip('"')
