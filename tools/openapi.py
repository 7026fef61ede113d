"""Write openapi.json, the description of all groups that the page's client is generated from.

`--check` changes nothing and fails when the committed file is not what the code says.
"""

import argparse
import json
import sys
from pathlib import Path

from common.settings import GROUPS
from server.groups import load
from server.openapi import merged

FILE = Path(__file__).resolve().parents[1] / "openapi.json"


def current() -> str:
    """Of all groups, whatever GROUPS says."""
    return json.dumps(merged({group: load(group) for group in GROUPS}), indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.openapi", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only say whether it is fresh")
    check = parser.parse_args().check
    text = current()
    if FILE.exists() and FILE.read_text() == text:
        print("openapi.json agrees with the code.")
        return 0
    if check:
        print("openapi.json is not what the code says: run `make openapi`.", file=sys.stderr)
        return 1
    FILE.write_text(text)
    print("openapi.json written; `npm run generate` in frontend/ brings the client up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
