"""A CloudFormation custom resource: publishes what a verifier of our tokens needs to know.

The gateway's authorizer fetches `{issuer}/.well-known/openid-configuration` and the keys it names when it is made and
every two hours or so. They stand in a bucket, because the API itself cannot answer before its authorizer exists. Once it
does, auth.key_rotation keeps them as the database says.
"""

from typing import Any

from auth import issuer_documents
from auth.signing import kms_jwk
from common import storage
from common.custom_resource import Event, custom_resource
from common.settings import settings


def publish(bucket: str, key_id: str, *, anew: bool) -> None:
    """`anew`: nothing stands there yet. Else rotation may have published keys since, which sign."""
    known = [] if anew else issuer_documents.published(bucket)
    first = kms_jwk(key_id)
    issuer_documents.publish(bucket, [*(key for key in known if key["kid"] != first["kid"]), first])


def withdraw(bucket: str) -> None:
    """A bucket with objects in it can't be deleted, nor could the stack."""
    for key in (issuer_documents.DISCOVERY, issuer_documents.KEYS):
        storage.client().delete_object(Bucket=bucket, Key=key)


@custom_resource
def handler(event: Event, _context: object) -> dict[str, Any]:
    """Properties: Bucket, and KeyId of the first key in KMS. Attribute: Issuer."""
    properties = event["ResourceProperties"]
    bucket = properties["Bucket"]
    if event["RequestType"] == "Delete":
        withdraw(bucket)
    else:
        publish(bucket, properties["KeyId"], anew=event["RequestType"] == "Create")
    return {"PhysicalResourceId": f"issuer-{bucket}", "Data": {"Issuer": settings().issuer}}
