"""Write the requirements.txt files that `sam build` packages from, out of uv.lock.

The layer gets everything the `common` group needs. A function gets only what it adds to the layer, so that nothing is
packaged, unzipped and imported twice. `--check` changes nothing and fails when a file is out of date.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
LAYER = "common"
FILES = {
    LAYER: Path("layers/common/requirements.txt"),
    "statistics": Path("layers/statistics/requirements.txt"),
    "printing": Path("layers/printing/requirements.txt"),
    "auth": Path("functions/auth/requirements.txt"),
    "money": Path("functions/money/requirements.txt"),
    "posts": Path("functions/posts/requirements.txt"),
    "analytics": Path("functions/analytics/requirements.txt"),
    "migrations": Path("migrations/requirements.txt"),
}
LAMBDA = {
    "sys_platform": "linux",
    "platform_system": "Linux",
    "os_name": "posix",
    "python_version": "3.13",
    "python_full_version": "3.13.0",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
}


def locked(*groups: str) -> set[str]:
    """Return the `name==version` lines that these dependency groups resolve to on Lambda, as the lock has them."""
    # On the PATH, or where tools/environment.sh puts it.
    own = ROOT / ".local" / "uv" / "bin" / "uv"
    command = [
        str(own) if own.exists() else "uv",
        "export",
        "--frozen",
        "--no-header",
        "--no-hashes",
        "--no-annotate",
        "--no-emit-project",
    ]
    for group in groups:
        command += ["--only-group", group]
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    found = [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]
    return {f"{r.name}{r.specifier}" for r in found if r.marker is None or r.marker.evaluate(LAMBDA)}


def wanted() -> dict[Path, str]:
    """Return what each file should hold."""
    layer = locked(LAYER)
    files = {}
    for group, path in FILES.items():
        lines = ["# written by `make requirements` from uv.lock"]
        if group == LAYER:
            lines += sorted(layer)
        else:
            # pip packages what a dependency needs too: let it be what the layer has (tools/build.py takes it out again).
            lines += [f"-c {os.path.relpath(FILES[LAYER], path.parent)}", *sorted(locked(LAYER, group) - layer)]
        files[path] = "".join(f"{line}\n" for line in lines)
    return files


def main() -> int:
    """Write the files, or with --check say which are out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when a file is out of date")
    check = parser.parse_args().check
    stale = []
    for path, text in wanted().items():
        file = ROOT / path
        if file.exists() and file.read_text() == text:
            continue
        stale.append(path)
        if not check:
            file.write_text(text)
    for path in stale:
        print(f"{path}: {'out of date, run `make requirements`' if check else 'written'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
