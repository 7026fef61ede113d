"""What the embedded stack says on the terminal while it starts."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

_WIDTH = 24


def say(line: str = "", end: str = "\n") -> None:
    _write(sys.stdout, line + end)


def complain(line: str) -> None:
    _write(sys.stderr, f"\n{line}\n\n")


def _write(stream: TextIO, text: str) -> None:
    """A terminal that was closed must not keep the stack from stopping."""
    with suppress(OSError):
        stream.write(text)
        stream.flush()


@contextmanager
def step(name: str) -> Iterator[list[str]]:
    """One line that begins when the work does and ends with how it went; append to the list to say more than "ready"."""
    say(f"  {name:<{_WIDTH}}", end="")
    started, words, outcome = time.monotonic(), list[str](), "failed"
    try:
        yield words
        outcome = f"{words[-1] if words else 'ready'} ({time.monotonic() - started:.1f} s)"
    finally:
        say(outcome)


def welcome(url: str, data: str, seconds: float) -> None:
    say(f"""
  Artel is running:  {url}

    API documentation  {url}/docs
    mail it sent       {url}/dev/mail
    data               {data}   (`make reset` empties it)
    example people     `make seed` in another terminal

  Started in {seconds:.1f} s. Stop it with Ctrl-C.
""")
