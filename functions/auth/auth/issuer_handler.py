"""A CloudFormation custom resource: publishes what a verifier of our tokens needs to know.

The gateway's authorizer fetches `{issuer}/.well-known/openid-configuration` and the keys it names when it is made and
every two hours or so. They stand in a bucket, because the API itself cannot answer before its authorizer exists.
"""

import json
from typing import Any

import boto3

from auth.published_keys import discovery_document
from auth.signing import KmsSigner
from common.custom_resource import Event, custom_resource
from common.settings import settings

DISCOVERY = ".well-known/openid-configuration"
KEYS = ".well-known/jwks.json"


def documents(key_ids: list[str]) -> dict[str, dict[str, object]]:
    """The two documents by their key in the bucket; `key_ids` are KMS keys, of which only one signs."""
    return {
        # The keys first: whoever reads the discovery document finds what it points to.
        KEYS: {"keys": [KmsSigner(key_id).jwk for key_id in key_ids]},
        DISCOVERY: discovery_document(),
    }


def publish(bucket: str, key_ids: list[str]) -> None:
    store = boto3.client("s3")
    for key, document in documents(key_ids).items():
        store.put_object(
            Bucket=bucket,
            Key=key,
            Body=json.dumps(document).encode(),
            ContentType="application/json",
            CacheControl="public, max-age=300",
        )


def withdraw(bucket: str) -> None:
    """A bucket with objects in it can't be deleted, nor could the stack."""
    store = boto3.client("s3")
    for key in (DISCOVERY, KEYS):
        store.delete_object(Bucket=bucket, Key=key)


@custom_resource
def handler(event: Event, _context: object) -> dict[str, Any]:
    """Properties: Bucket, and KeyIds as comma-separated text. Attribute: Issuer."""
    properties = event["ResourceProperties"]
    bucket = properties["Bucket"]
    if event["RequestType"] == "Delete":
        withdraw(bucket)
    else:
        publish(bucket, [key for key in properties["KeyIds"].split(",") if key])
    return {"PhysicalResourceId": f"issuer-{bucket}", "Data": {"Issuer": settings().issuer}}
