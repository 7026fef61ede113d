"""Give an account a role: the first administrator is appointed by whoever runs the system. `make admin EMAIL=ada@example.org`

Of DATABASE_URL, or of the stack that runs from this folder. On AWS the background function does the same:
aws lambda invoke --function-name … --payload '{"task": "grant-role", "email": "ada@example.org", "role": "admin"}'
"""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from auth.appointment import appoint
from common.db import dispose_engines
from common.errors import AppError
from common.scopes import OF_ROLE
from common.settings import ConfigurationError
from server import running

ROOT = Path(__file__).resolve().parents[1]


async def _appoint(email: str, role: str) -> list[str]:
    try:
        return await appoint(email, role)
    finally:
        await dispose_engines()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.appoint", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("email", help="of an account that is verified")
    parser.add_argument("role", nargs="?", default="admin", choices=sorted(OF_ROLE))
    given = parser.parse_args()
    if not os.environ.get("DATABASE_URL"):
        url = running.database_url(ROOT / ".local")
        if url is None:
            print("Artel does not run from this folder, and DATABASE_URL is not set.", file=sys.stderr)
            return os.EX_CONFIG
        os.environ["DATABASE_URL"] = url
    try:
        roles = asyncio.run(_appoint(given.email, given.role))
    except (AppError, ConfigurationError) as error:
        print(f"{given.email}: {error}", file=sys.stderr)
        return os.EX_DATAERR
    except DBAPIError as error:
        print(f"The database cannot be used: {str(error.orig).strip()}", file=sys.stderr)
        return os.EX_UNAVAILABLE
    print(f"{given.email} is now: {', '.join(roles)}. What is new works from the next sign-in on.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
