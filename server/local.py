"""`make up`: the whole of Artel on one machine, with nothing installed but Python. `python -m server.local --help`."""

import argparse
import asyncio
import os
import select
import signal
import socket
import sys
import time
from pathlib import Path

from server.console import complain, say
from server.run_as import CannotStart

_CHECKOUT = Path(__file__).resolve().parents[1]
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Somebody asked for an end while it was starting."""


class StopFlag:
    """A signal only raises a flag, looked at between steps: no step is torn apart, so none leaves a process behind."""

    def __init__(self) -> None:
        self._raised = False
        for name in _SIGNALS:
            signal.signal(name, self._raise)
        self._terminal = select.poll()
        if sys.stdout.isatty():
            self._terminal.register(sys.stdout, 0)  # which still reports a hang-up

    def _raise(self, *_signal: object) -> None:
        self._raised = True

    @property
    def raised(self) -> bool:
        """Or the terminal was closed: `make` keeps that signal to itself when a window runs it without a shell."""
        return self._raised or bool(self._terminal.poll(0))

    def check(self) -> None:
        if self.raised:
            raise Stopped


def listen(port: int, host: str | None) -> list[socket.socket]:
    """Taken before anything starts. Without a host: this machine only, by IPv4 and IPv6."""
    sockets = []
    for address in [host] if host else ["127.0.0.1", "::1"]:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((address, port))
            made.listen(128)  # callers wait until the app is there, and no second start can take the port meanwhile
        except OSError as error:
            made.close()
            if address == "::1":
                continue  # no IPv6 here, or another's; 127.0.0.1 is enough
            raise CannotStart(_taken(port, error)) from None
        sockets.append(made)
    return sockets


def _taken(port: int, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return f"Port {port} needs administrator rights. Choose one above 1023: PORT=8000 make up"
    return f"Port {port} is in use by another program. Choose another: PORT={_free_after(port)} make up"


def _free_after(port: int) -> int:
    for candidate in range(port + 1, min(port + 1000, 65536)):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return candidate
    return 0


def up(data: Path, port: int, host: str | None, flag: StopFlag, *, with_page: bool) -> None:
    """Imports come late: whoever changes his mind in the first second gets a sentence and not a traceback."""
    from server import running
    from server.stack import Stack

    started = time.monotonic()
    sockets = listen(port, host)
    public_url = os.environ.get("PUBLIC_URL") or f"http://localhost:{sockets[0].getsockname()[1]}"
    say("\nArtel\n")
    with running.claim(data, public_url), Stack(data, public_url, flag.check) as stack:
        stack.start(with_page=with_page)
        flag.check()
        from server.serving import serve

        asyncio.run(serve(stack, sockets, lambda: flag.raised, started))


def _end(data: Path, *, and_empty: bool) -> None:
    from server import running
    from server.stack import empty

    say("Stopped." if running.stop(data) else "Nothing was running.")
    if and_empty:
        empty(data)
        say(f"{os.path.relpath(data)} is empty: the next `make up` begins anew.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m server.local", description=(__doc__ or "").split(":")[0])
    parser.add_argument("command", nargs="?", choices=("up", "down", "reset"), default="up")
    parser.add_argument("--data", type=Path, default=_CHECKOUT / ".local", help="where everything is kept (.local)")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000), help="PORT, else 8000")
    parser.add_argument("--host", default=os.environ.get("HOST"), help="HOST, else this machine only")
    parser.add_argument("--no-page", action="store_true", help="do not build the page")
    return parser.parse_args()


def main() -> int:
    flag = StopFlag()
    options = _options()
    data: Path = options.data.resolve()
    if options.command != "up":
        _end(data, and_empty=options.command == "reset")
        return 0
    try:
        up(data, options.port, options.host, flag, with_page=not options.no_page)
    except Stopped:
        pass
    except CannotStart as error:
        complain(str(error))
        return 1
    say("  Stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
