"""Passwords known from breaches, by the range look-up of haveibeenpwned.com, where PASSWORD_BREACH_CHECK asks for it.

Five hex digits of the SHA-1 leave this process, and the padded answer has the same size for all.
https://haveibeenpwned.com/API/v3#PwnedPasswords
"""

import hashlib
import logging

from common.settings import settings

_TIMEOUT_S = 1.0
_log = logging.getLogger("artel.auth")


async def is_known(password: str) -> bool:
    """False when it can't be asked: nobody should be unable to sign up because another site is down."""
    if not settings().password_breach_check:
        return False
    import httpx

    digest = hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper()
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, headers={"Add-Padding": "true"}) as client:
            answer = await client.get(f"{settings().breach_check_url}/range/{digest[:5]}")
            answer.raise_for_status()
    except httpx.HTTPError as error:
        _log.warning("breached passwords could not be asked for", extra={"reason": repr(error)})
        return False
    counts = dict(line.strip().split(":", 1) for line in answer.text.splitlines() if ":" in line)
    return int(counts.get(digest[5:], "0")) > 0  # padding lines have the count 0
