"""E-mail addresses as the accounts of people have them, so that money sent to one is found by who shows that it is theirs.

The auth group does the same with what people sign up with (a test compares the two); its code is in another package.
"""

import re

_NO_ADDRESS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029<>]")


def _normal(written: str) -> str:
    if _NO_ADDRESS.search(written):
        raise ValueError("must be an e-mail address and nothing else")
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(written.strip(), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValueError(f"must be an e-mail address: {error}") from None


def check(written: str) -> str:
    """As it was written, if it is one. Raises ValueError."""
    _normal(written)
    return written


def key(written: str) -> str:
    """What addresses are compared by."""
    return _normal(written).casefold()
