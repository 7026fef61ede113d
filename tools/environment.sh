#!/bin/sh
# Brings .venv up to date with uv.lock: `sh tools/environment.sh [local|dev]`. Does nothing when it already is.
#
# Needs a Python (3.8 or newer, whatever its version: Artel's own 3.13 is found or fetched by uv) and a network the
# first time. uv is taken from the PATH, else installed into .local/uv and nowhere else.
set -eu
cd "$(dirname "$0")/.."

group=${1:-local}
uv_version=0.13.9
stamp=.venv/.artel-$group

say() { printf '%s\n' "$*" >&2; }

fresh() { # the environment was synchronised after its description last changed, and its Python is still there
  [ -f "$stamp" ] && [ "$stamp" -nt uv.lock ] && [ "$stamp" -nt pyproject.toml ] && .venv/bin/python -c '' 2>/dev/null
}

usable_uv() { # answers, and is not older than dependency groups that conflict (0.6)
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#uv }
  major=${version%%.*}
  rest=${version#*.}
  [ "$major" -gt 0 ] 2>/dev/null || [ "${rest%%.*}" -ge 6 ] 2>/dev/null
}

find_python() { # a shim of a version manager may be on the PATH and yet refuse to run
  for candidate in python3 python3.13 python3.12 python3.11 /usr/bin/python3 /usr/local/bin/python3 python; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  say "No Python was found. Install Python 3 (3.11 or newer) or uv, and run this again."
  exit 1
}

install_uv() {
  python=$(find_python)
  say "Installing uv $uv_version into .local/uv …"
  rm -rf .local/uv
  mkdir -p .local
  # Debian splits venv off Python, and pip too: either of them will do.
  if "$python" -m venv .local/uv >/dev/null 2>&1; then
    .local/uv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$uv_version" >&2 || return 1
  elif "$python" -m pip --version >/dev/null 2>&1; then
    rm -rf .local/uv
    "$python" -m pip install --quiet --disable-pip-version-check --target .local/uv "uv==$uv_version" >&2 || return 1
  else
    rm -rf .local/uv
    say "This Python ($python) has neither venv nor pip, so uv cannot be installed with it."
    say "Install one of them (on Debian or Ubuntu: apt install python3-venv), or uv itself, and run this again."
    exit 1
  fi
}

find_uv() {
  for candidate in uv .local/uv/bin/uv "$HOME/.local/bin/uv"; do
    usable_uv "$candidate" && { echo "$candidate"; return; }
  done
  if ! install_uv; then
    say "uv could not be installed. Is there a network, and does pip reach PyPI (or the index it is configured for)?"
    exit 1
  fi
  echo .local/uv/bin/uv
}

fresh && exit 0
if [ -e .venv ] && ! .venv/bin/python -c '' 2>/dev/null; then
  say "The Python that .venv was made with is gone; making .venv anew."
  rm -rf .venv
fi
uv=$(find_uv)
say "Bringing .venv up to date (the first time this downloads Artel's packages) …"
quiet=--quiet
[ -t 2 ] && quiet= # a person at a terminal sees uv's progress
# --inexact keeps what the other group installed; compiling now makes every start faster.
if ! "$uv" sync --frozen --inexact $quiet --compile-bytecode --group "$group" >&2; then
  say ""
  say "The packages could not be installed; the lines above say why. The usual reasons: no network, or no Python 3.13 on"
  say "this machine and none to download. After mending it, run the same command again."
  exit 1
fi
touch "$stamp"
