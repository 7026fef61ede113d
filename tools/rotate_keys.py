r"""Begin a rotation of the key that signs access tokens: `make rotate-keys`, ARGS="--wait 0s --keep 10m" after a theft.

Works on the database of DATABASE_URL, else on the stack that runs from this folder. Give it the servers' own SECRET_KEY:
with another one they could not open the new key, and would go on with the old one. On AWS (both times can be left out):
aws lambda invoke --function-name <output BackgroundFunction> --cli-binary-format raw-in-base64-out \
  --payload '{"task": "rotate-keys", "wait_s": 0, "keep_s": 600}' /dev/stdout
"""

import argparse
import asyncio
import os
import re
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from auth.key_rotation import KEEP, WAIT, Rotation, rotate
from common.db import dispose_engines
from common.settings import ConfigurationError, settings
from server import running, signing_key

ROOT = Path(__file__).resolve().parents[1]
_UNITS = {"h": "hours", "m": "minutes", "s": "seconds"}
_SOONER = "\n  A gateway that remembers keys (API Gateway, two hours) refuses the new tokens until it looks again."
_NO_DATABASE = "Set DATABASE_URL (and SECRET_KEY, if the servers have one), or start Artel here with `make up`."


def duration(text: str) -> timedelta:
    """2h15m, 10m, 0s."""
    if not re.fullmatch(r"(\d+h)?(\d+m)?(\d+s)?", text) or not text:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 2h15m, 10m or 0s")
    return timedelta(**{_UNITS[unit]: int(number) for number, unit in re.findall(r"(\d+)([hms])", text)})


def find_stack(data: Path) -> bool:
    """Take over the variables of the stack that runs from this folder, unless the shell names a database."""
    if os.environ.get("DATABASE_URL"):
        return True
    database = running.database_url(data)
    if database is None:
        return False
    secret = signing_key.ensure_secret(data / "secret-key")
    os.environ.update({"DATABASE_URL": database, "SECRET_KEY": secret})
    settings.cache_clear()
    return True


def timetable(rotation: Rotation) -> str:
    return (
        f"  new key               {rotation.kid}\n"
        f"  published             now\n"
        f"  signs from            {rotation.signs_from:%Y-%m-%d %H:%M:%S} UTC\n"
        f"  older tokens work to  {rotation.others_until:%Y-%m-%d %H:%M:%S} UTC"
    )


async def _rotate(wait: timedelta, keep: timedelta) -> Rotation:
    try:
        return await rotate(wait, keep)
    finally:
        await dispose_engines()


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make rotate-keys", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wait", type=duration, default=WAIT, help="until the new key signs; default 2h15m")
    parser.add_argument("--keep", type=duration, default=KEEP, help="how long older tokens work then; default 2h25m")
    options = parser.parse_args()
    if not find_stack(ROOT / ".local"):
        print(_NO_DATABASE, file=sys.stderr)
        return 1
    try:
        rotation = asyncio.run(_rotate(options.wait, options.keep))
    except ConfigurationError as problem:
        print(problem, file=sys.stderr)
        return 1
    except DBAPIError as problem:
        print(f"The database cannot be used: {str(problem.orig).strip()}", file=sys.stderr)
        return 1
    print(timetable(rotation))
    if options.wait < WAIT:
        print(_SOONER)
    return 0


if __name__ == "__main__":
    sys.exit(main())
