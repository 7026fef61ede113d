"""What the image runs: migrate, unless MIGRATE=false, then serve on PORT. `python -m server.main`."""

import os
import sys

import uvicorn

from common.settings import ConfigurationError, settings
from server.groups import chosen

_NO_DATABASE = """artel: DATABASE_URL is not set, and without PostgreSQL 18 or newer there is nothing to serve.

  docker run -p 8000:8000 -e DATABASE_URL=postgresql://USER:PASSWORD@HOST:5432/DATABASE -d artel

The user must be able to create roles. To serve some of the groups only, add -e GROUPS=auth,money.
To try everything with a database of its own: `docker compose up`, or `make up` in a checkout.
"""


def _check() -> None:
    options = settings()
    groups = chosen()
    if options.database_url is None and not all(options.group_database_url(group) for group in groups):
        raise ConfigurationError(_NO_DATABASE)


def _migrate() -> None:
    """Several containers may start at once: the migration takes a lock, and finds nothing to do the second time."""
    if os.environ.get("MIGRATE", "true").lower() in ("false", "0", "no") or settings().database_url is None:
        return
    from sqlalchemy.exc import DBAPIError

    from migrations.migrate import main

    try:
        if main() != 0:
            sys.exit(os.EX_CONFIG)
    except DBAPIError as error:
        reason = str(error.orig).strip()
        print(f"artel: the database cannot be used: {reason}", file=sys.stderr)
        sys.exit(os.EX_UNAVAILABLE)


def main() -> int:
    try:
        _check()
    except ConfigurationError as error:
        print(str(error).strip(), file=sys.stderr)
        return os.EX_CONFIG
    _migrate()
    trusted = settings().trusted_proxies
    uvicorn.run(
        "server.app:app",
        host=os.environ.get("HOST", "0.0.0.0"),  # noqa: S104 - a container is reached from outside or not at all
        port=int(os.environ.get("PORT", "8000")),
        log_config=None,
        access_log=False,
        server_header=False,
        # Said in both cases: by itself uvicorn believes headers from 127.0.0.1, and whomever FORWARDED_ALLOW_IPS names.
        proxy_headers=bool(trusted),
        forwarded_allow_ips=trusted or "",
        timeout_graceful_shutdown=25,
        workers=int(os.environ.get("WEB_CONCURRENCY", "1")),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
