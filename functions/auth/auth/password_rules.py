"""What a new password must not be. Its length is checked by the schema, long before anything is hashed.

No rules of composition (NIST SP 800-63B): they make passwords that are hard to remember and easy to guess. Every character
counts as it was typed: neither trimmed nor normalised, since only what stays as it was sent works from every client.
"""

import asyncio
from functools import cache

from auth.accounts import email_key
from auth.errors import WeakPassword


@cache
def _common() -> frozenset[str]:
    """Some thirty thousand that were found in leaks most often."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


async def check(password: str, email: str, display_name: str) -> None:
    """Raises WeakPassword, which says why."""
    plain = password.casefold()
    if plain in {email_key(email), email_key(email).partition("@")[0], display_name.casefold()}:
        raise WeakPassword("The password must not be the e-mail address or the name.")
    if plain in await asyncio.to_thread(_common):
        raise WeakPassword("This is one of the most common passwords; choose another.")
    from auth import breached

    if await breached.is_known(password):
        raise WeakPassword("This password is known from a data breach elsewhere; choose another.")
