"""A browser before a whole running stack. ARTEL_URL=http://… uses one that runs already."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.watching import Watched, watch

CHECKOUT = Path(__file__).parents[2]
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# What the tests of single groups set for themselves; the stack makes its own.
_OURS = {
    "DATABASE_URL",
    "PUBLIC_URL",
    "ENVIRONMENT",
    "LOG_LEVEL",
    "AWS_ENDPOINT_URL",
    "UPLOADS_BUCKET",
    "UPLOADS_QUEUE_URL",
}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ready", timeout=2).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base url of an embedded stack of its own, data and all."""
    if given := os.environ.get("ARTEL_URL"):
        yield given.rstrip("/")
        return
    data = tmp_path_factory.mktemp("stack")
    stack, url = _start(data)
    _wait(url, stack, data / "log")
    yield url
    stack.terminate()
    stack.wait(timeout=60)


def _start(data: Path) -> tuple[subprocess.Popen[bytes], str]:
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if name not in _OURS}
    command = [sys.executable, "-m", "server.local", "--data", str(data / "artel"), "--port", str(port)]
    with (data / "log").open("w") as output:
        stack = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=output, stderr=output)
    return stack, f"http://localhost:{port}"


def _wait(url: str, stack: subprocess.Popen[bytes], log: Path, patience_s: float = 240) -> None:
    """Long, because the first start on a machine installs and builds the page."""
    until = time.monotonic() + patience_s
    while not _answers(url):
        if stack.poll() is not None or time.monotonic() > until:
            stack.terminate()
            pytest.fail(f"The stack did not start:\n{log.read_text()}")
        time.sleep(0.2)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ends with the module: Playwright's event loop counts as running all the while, so no async test can run beside it."""
    if not CHROMIUM.exists():
        pytest.skip(f"There is no browser at {CHROMIUM}: install Debian's `chromium`, or set CHROMIUM.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield chromium
        chromium.close()


Opens = Callable[[], Watched]


@pytest.fixture
def another_browser(browser: Browser, live_server: str) -> Iterator[Opens]:
    """Opens the first page as an English reader with a browser of their own, and notes all that goes wrong in it."""
    with ExitStack() as contexts:

        def open_one() -> Watched:
            context = browser.new_context(base_url=live_server, locale="en-GB", viewport={"width": 1280, "height": 900})
            contexts.callback(context.close)
            context.set_default_timeout(15_000)
            page = context.new_page()
            errors = watch(page)
            page.goto("/")
            return Watched(page, errors)

        yield open_one


@pytest.fixture
def watched(another_browser: Opens) -> Watched:
    return another_browser()


@pytest.fixture
def page(watched: Watched) -> Page:
    return watched.page
