"""Signed messages in the manner of Stripe: `t=<seconds>,v1=<hex>`, an HMAC-SHA256 over the time and the raw bytes."""

import hashlib
import hmac
import time
from collections.abc import Sequence

from money.errors import SignatureRefused

TOLERANCE_S = 300
_DIGITS = 12


def _digest(secret: str, moment: int, body: bytes) -> str:
    return hmac.new(secret.encode(), b"%d.%b" % (moment, body), hashlib.sha256).hexdigest()


def sign(secret: str, body: bytes, moment: int | None = None) -> str:
    """The header, for now unless another moment is given."""
    moment = int(time.time()) if moment is None else moment
    return f"t={moment},v1={_digest(secret, moment, body)}"


def verify(header: str, body: bytes, secrets: Sequence[str]) -> None:
    """Raises SignatureRefused unless one of the secrets made one of the signatures, within five minutes of now.

    Without secrets nothing is good, and an empty one is none.
    """
    parts = [part.strip().partition("=") for part in header.split(",")]
    moments = [value for name, _, value in parts if name == "t"]
    if len(moments) != 1 or not (moments[0].isascii() and moments[0].isdecimal() and len(moments[0]) <= _DIGITS):
        raise SignatureRefused
    moment = int(moments[0])
    signatures = [value.encode() for name, _, value in parts if name == "v1"]
    expected = [_digest(secret, moment, body).encode() for secret in secrets if secret]
    good = [hmac.compare_digest(one, other) for one in signatures for other in expected]
    if not any(good) or abs(time.time() - moment) > TOLERANCE_S:
        raise SignatureRefused
