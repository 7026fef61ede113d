"""If-Match: nobody overwrites an edit that they have not seen."""

import re

from common.errors import BadRequest

_VERSION = re.compile(r'(?:W/)?"(\d{1,9})(?:-[0-9a-f]{24})?"')


class InvalidIfMatch(BadRequest):
    """If-Match must be the ETag that reading gave, or *."""


def expected_version(if_match: str | None) -> int | None:
    """None: any version will do."""
    if if_match is None or if_match.strip() == "*":
        return None
    match = _VERSION.fullmatch(if_match.strip())
    if match is None:
        raise InvalidIfMatch
    return int(match[1])
