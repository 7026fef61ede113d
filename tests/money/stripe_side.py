"""localstripe as a process: Stripe's API with a memory of its own. Its own entry point wants IPv6 and a file in /tmp."""

import sys

from aiohttp import web
from localstripe.resources import store  # type: ignore[import-untyped]
from localstripe.server import app  # type: ignore[import-untyped]


def main() -> None:
    store.dump_to_disk = lambda: None
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)


if __name__ == "__main__":
    main()
