"""Values that AWS Secrets Manager holds."""

import json
import time

_LIFE_S = 300.0
_cache: dict[str, tuple[float, dict[str, str]]] = {}


def read_secret(arn: str) -> dict[str, str]:
    """The JSON object stored under `arn`, remembered for five minutes so that a rotated password is picked up."""
    known = _cache.get(arn)
    if known and time.monotonic() - known[0] < _LIFE_S:
        return known[1]
    import boto3  # 0.4 s, and only functions with a secret need it

    value = json.loads(boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
    _cache[arn] = (time.monotonic(), value)
    return dict(value)
