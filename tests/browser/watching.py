"""What a browser complains of: errors in the console, uncaught exceptions, and what axe finds hard to use."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Error, Page

_AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass(frozen=True)
class Watched:
    page: Page
    errors: list[str]


def watch(page: Page) -> list[str]:
    """The list fills as things go wrong."""
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            errors.append(f"{message.text} ({message.location.get('url')})")

    def note_exception(error: Error) -> None:
        errors.append(str(error))

    page.on("console", note)
    page.on("pageerror", note_exception)
    return errors


def barriers(page: Page) -> list[str]:
    """Violations of WCAG 2.2 A and AA that a machine can find."""
    page.evaluate(_AXE.read_text())
    # react-aria's announcer speaks through nodes that name a thing which may be gone a moment later.
    page_itself = {"exclude": [["[data-live-announcer]"]]}
    found = page.evaluate("([what, rules]) => axe.run(what, { runOnly: rules })", [page_itself, _RULES])
    return [
        f"{one['id']}: {one['help']} {[node['html'][:160] for node in one['nodes']]}" for one in found["violations"]
    ]
