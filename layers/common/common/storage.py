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


_DELETED_AT_ONCE = 1000
"""What S3 takes in one request."""
_ABSENT = ("NoSuchKey", "404")


def uploads_bucket() -> str:
    name = settings().uploads_bucket
    if name is None:
        raise ConfigurationError("UPLOADS_BUCKET is not set: the bucket that people's files go to")
    return name


def has_accounts_bucket() -> bool:
    return settings().accounts_bucket is not None


def accounts_bucket() -> str:
    """Raises StorageNotConfigured: the rest of an account works without."""
    name = settings().accounts_bucket
    if name is None:
        raise StorageNotConfigured
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


class StorageNotConfigured(ServiceUnavailable):
    """This installation keeps no pictures and exports: its operator has not set ACCOUNTS_BUCKET."""


async def in_thread[**P, R](call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """A blocking call to the store. Raises StorageUnavailable."""
    from boto3.exceptions import Boto3Error  # of uploads in parts
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return await asyncio.to_thread(call, *args, **kwargs)
    except (Boto3Error, BotoCoreError, ClientError) as error:
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


async def presigned_get(bucket: str, key: str, filename: str, expires_s: int) -> str:
    """An address that gives the object to whoever has it, as a download of this name."""
    signer = _client(settings().s3_public_endpoint_url or settings().aws_endpoint_url)
    return await in_thread(
        signer.generate_presigned_url,
        "get_object",
        Params={"Bucket": bucket, "Key": key, "ResponseContentDisposition": f'attachment; filename="{filename}"'},
        ExpiresIn=expires_s,
    )


def _download_if_there(bucket: str, key: str, path: Path) -> bool:
    from botocore.exceptions import ClientError

    try:
        client().download_file(bucket, key, str(path))
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return False
        raise
    return True


async def download_if_there(bucket: str, key: str, path: Path) -> bool:
    return await in_thread(_download_if_there, bucket, key, path)


def _read(bucket: str, key: str, max_bytes: int) -> bytes | None:
    from botocore.exceptions import ClientError

    try:
        answer = client().get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return None
        raise
    with answer["Body"] as body:
        return body.read(max_bytes + 1)


async def read(bucket: str, key: str, max_bytes: int) -> bytes | None:
    """The object, of a larger one `max_bytes` and one more; None when there is none."""
    return await in_thread(_read, bucket, key, max_bytes)


async def write(bucket: str, key: str, content: bytes, content_type: str) -> None:
    await in_thread(client().put_object, Bucket=bucket, Key=key, Body=content, ContentType=content_type)


async def upload(bucket: str, key: str, path: Path, content_type: str) -> None:
    """A file of any size, in parts when it is large."""
    await in_thread(client().upload_file, str(path), bucket, key, ExtraArgs={"ContentType": content_type})


def _delete(bucket: str, prefix: str, exactly: bool) -> None:  # noqa: FBT001 - a thread's argument
    pages = client().get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        meant = [each for each in found if each["Key"] == prefix or not exactly]
        named: Any = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in meant]
        for start in range(0, len(named), _DELETED_AT_ONCE):
            batch = named[start : start + _DELETED_AT_ONCE]
            refused = client().delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True}).get("Errors")
            if refused:
                raise StorageUnavailable(f"{len(refused)} objects were not deleted: {refused[0].get('Code')}")


async def delete(bucket: str, prefix: str, *, exactly: bool = False) -> None:
    """Everything whose key begins so, with all older versions: nothing of it can be brought back. `exactly`: is so."""
    await in_thread(_delete, bucket, prefix, exactly)
