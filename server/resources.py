"""The buckets, queues and sender that template.yaml makes on AWS, for where nobody deploys a template."""

import json
import sys
from typing import Any

BUCKET = "artel-uploads"
ACCOUNTS_BUCKET = "artel-accounts"
QUEUE = "artel-uploads"
DEAD_LETTERS = "artel-uploads-dead"
PREFIXES = ("uploads/", "drop/")
# Short, because the worker prolongs it while it works: after a crash the file is tried again soon.
_VISIBILITY_S = "90"
_TRIES = "3"


def ensure(public_url: str, mail_from: str) -> dict[str, str]:
    """Make what is missing, and set the rest as it should be. Returns the variables that name them."""
    import boto3

    boto3.client("ses").verify_email_identity(EmailAddress=mail_from)
    sqs, s3 = boto3.client("sqs"), boto3.client("s3")
    dead = _arn(sqs, sqs.create_queue(QueueName=DEAD_LETTERS)["QueueUrl"])
    queue_url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": _TRIES})
    sqs.set_queue_attributes(
        QueueUrl=queue_url, Attributes={"VisibilityTimeout": _VISIBILITY_S, "RedrivePolicy": redrive}
    )
    _ensure_bucket(s3, public_url, _arn(sqs, queue_url))
    _ensure_accounts_bucket(s3, public_url)
    return {"UPLOADS_BUCKET": BUCKET, "UPLOADS_QUEUE_URL": queue_url, "ACCOUNTS_BUCKET": ACCOUNTS_BUCKET}


def _arn(sqs: Any, url: str) -> str:
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


def _ensure_reachable(s3: Any, bucket: str, public_url: str) -> None:
    """Browsers send files to it from the page."""
    if bucket not in {known["Name"] for known in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_cors(
        Bucket=bucket,
        CORSConfiguration={
            "CORSRules": [{"AllowedOrigins": [public_url], "AllowedMethods": ["POST", "GET"], "AllowedHeaders": ["*"]}]
        },
    )


def _ensure_accounts_bucket(s3: Any, public_url: str) -> None:
    _ensure_reachable(s3, ACCOUNTS_BUCKET, public_url)
    rules = [_ends("pictures-never-chosen", "avatars/incoming/", 1), _ends("exports-nobody-put-away", "exports/", 9)]
    s3.put_bucket_lifecycle_configuration(Bucket=ACCOUNTS_BUCKET, LifecycleConfiguration={"Rules": rules})


def _ends(name: str, prefix: str, days: int) -> dict[str, Any]:
    return {"ID": name, "Status": "Enabled", "Filter": {"Prefix": prefix}, "Expiration": {"Days": days}}


def _ensure_bucket(s3: Any, public_url: str, queue_arn: str) -> None:
    _ensure_reachable(s3, BUCKET, public_url)
    wanted = [{"QueueArn": queue_arn, "Events": ["s3:ObjectCreated:*"], "Filter": _prefix(p)} for p in PREFIXES]
    # Setting it anew, even unchanged, sends a test message to the queue.
    now = s3.get_bucket_notification_configuration(Bucket=BUCKET).get("QueueConfigurations", [])
    if [notice["QueueArn"] for notice in now] != [queue_arn] * len(wanted):
        s3.put_bucket_notification_configuration(
            Bucket=BUCKET, NotificationConfiguration={"QueueConfigurations": wanted}
        )


def _prefix(prefix: str) -> dict[str, Any]:
    return {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}}


def main() -> int:
    """For the compose file: where the store asks for no account, what is missing is made."""
    from common.settings import settings

    ensure(settings().public_url, settings().mail_from)
    return 0


if __name__ == "__main__":
    sys.exit(main())
