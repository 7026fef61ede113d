"""The web server of the embedded stack, and an eye on the stack's other parts while it runs."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from server.app import create_app
from server.console import complain, say, welcome
from server.stack import Stack


class _Server(uvicorn.Server):
    """Leaves the signals alone: the embedded stack has its own way with them, from before this server to after it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server() -> _Server:
    return _Server(
        uvicorn.Config(
            create_app(),
            lifespan="on",
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,  # nobody stands in front of it, so whoever says otherwise is making it up
            timeout_graceful_shutdown=5,
        )
    )


async def serve(stack: Stack, sockets: list[socket.socket], asked_to_stop: Callable[[], bool], started: float) -> None:
    server = _server()
    serving = asyncio.create_task(server.serve(sockets))
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.02)
    if server.started and not asked_to_stop():
        welcome(stack.public_url, stack.shown_data, time.monotonic() - started)
        while not asked_to_stop() and not serving.done() and _all_well(stack):  # noqa: ASYNC110 - nor have processes
            await asyncio.sleep(0.1)
        say("\n  Stopping …")
    server.should_exit = True
    await serving


def _all_well(stack: Stack) -> bool:
    """The worker may be started anew; without database or emulator there is nothing left to serve."""
    if stack.worker.exit_code is not None:
        complain(f"The worker ended and is started again. Its log ended with:\n{stack.worker.last_words()}")
        stack.start_worker()
    gone = stack.stopped_part()
    if gone is not None:
        complain(f"{gone.program} ended, so Artel stops. The end of {gone.log}:\n{gone.last_words()}")
    return gone is None
