"""What came in the mail: letters that the stack's emulator has taken."""

import re
import time
from typing import Any

import httpx


def _to(live_server: str, email: str) -> list[dict[str, Any]]:
    """Newest first."""
    answer = httpx.get(f"{live_server}/dev/mail", headers={"Accept": "application/json"}, timeout=10)
    return [letter for letter in answer.raise_for_status().json() if email in letter["To"]]


def link(live_server: str, email: str, page: str, *, other_than: str = "", patience_s: float = 30) -> str:
    """The newest link of that page in a letter to the address; waits for it. `other_than`: the one known already."""
    until = time.monotonic() + patience_s
    pattern = re.compile(rf"{re.escape(live_server)}/{page}#token=[\w.~-]+")
    while time.monotonic() < until:
        for letter in _to(live_server, email):
            found = pattern.search(letter["BodyText"] or "")
            if found and found[0] != other_than:
                return found[0]
        time.sleep(0.2)
    subjects = [letter["Subject"] for letter in _to(live_server, email)]
    raise AssertionError(f"No letter to {email} with a link to {page}; there are {subjects}")


def has_text(live_server: str, email: str, words: str, patience_s: float = 30) -> bool:
    """Whether a letter to the address says so; waits for it."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        if any(words in f"{letter['Subject']}\n{letter['BodyText']}" for letter in _to(live_server, email)):
            return True
        time.sleep(0.2)
    return False
