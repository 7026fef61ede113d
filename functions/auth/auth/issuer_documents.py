"""The two documents that a verifier of our tokens reads, in the bucket where the gateway looks for them."""

import asyncio
import json
from typing import Any

from auth.published_keys import discovery_document, key_set
from common import storage
from common.db import transaction
from common.settings import settings

DISCOVERY = ".well-known/openid-configuration"
KEYS = ".well-known/jwks.json"
_LARGEST = 100_000


def put(bucket: str, key: str, document: dict[str, Any]) -> None:
    storage.client().put_object(
        Bucket=bucket,
        Key=key,
        Body=json.dumps(document).encode(),
        ContentType="application/json",
        CacheControl="public, max-age=300",
    )


def published(bucket: str) -> list[dict[str, str]]:
    """The keys that stand there now."""
    from botocore.exceptions import ClientError

    try:
        answer = storage.client().get_object(Bucket=bucket, Key=KEYS)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return []
        raise
    with answer["Body"] as body:
        found: list[dict[str, str]] = json.loads(body.read(_LARGEST))["keys"]
    return found


def publish(bucket: str, keys: list[dict[str, str]]) -> None:
    """The keys first: whoever reads the discovery document finds what it points to."""
    put(bucket, KEYS, {"keys": keys})
    put(bucket, DISCOVERY, discovery_document())


async def republish() -> None:
    """What the database says, if the bucket says otherwise. Nothing where there is no bucket."""
    bucket = settings().issuer_bucket
    if bucket is None:
        return
    async with transaction("auth") as session:
        keys = (await key_set(session))["keys"]
    if await asyncio.to_thread(published, bucket) != keys:
        await asyncio.to_thread(publish, bucket, keys)
