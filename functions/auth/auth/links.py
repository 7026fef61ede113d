"""Addresses of pages, for letters: always under the configured PUBLIC_URL, whatever Host a request claims."""

from typing import Literal

from common.settings import settings

type PageName = Literal[
    "verify-email", "confirm-email", "reset-password", "restore-account", "account", "forgot-password"
]


def page(path: PageName, token: str | None = None) -> str:
    """The token stands in the fragment, which browsers send to no server and which no log keeps."""
    return f"{settings().public_url.rstrip('/')}/{path}" + (f"#token={token}" if token else "")
