"""The same load as tests/bench/load.py makes, by wrk (Debian: apt-get install wrk): a client that is not the bottleneck."""

import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from tests.bench.load import Load

_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


def is_there() -> bool:
    return shutil.which("wrk") is not None


def load_in_turn(urls: Sequence[str], status: int, *, connections: int, seconds: float) -> Load:
    """The same for several addresses of one server."""
    targets = ", ".join(f'"{split.path}?{split.query}"' for split in map(urlsplit, urls))
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f"""local targets, n = {{ {targets} }}, 0
            request = function() n = n % #targets + 1 return wrk.format("GET", targets[n]) end""")
        script.flush()
        return _said_by(["-s", script.name, urls[0]], status, connections, seconds)


def load(url: str, status: int, *, connections: int, seconds: float, **headers: str) -> Load:
    """`status` is what is expected: wrk tells only whether it was 2xx or 3xx."""
    options = [part for name, value in headers.items() for part in ("-H", f"{name.replace('_', '-')}: {value}")]
    return _said_by([*options, url], status, connections, seconds)


def _said_by(options: list[str], status: int, connections: int, seconds: float) -> Load:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency", *options]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors", said)
    if rate is None or wrong is not None:
        raise RuntimeError(said)
    return Load(float(rate[1]), _time(said, 50), float("nan"), _time(said, 99), Counter({status: 1}))


def _time(said: str, percent: int) -> float:
    found = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", said)
    if found is None:
        raise RuntimeError(said)
    return float(found[1]) * _SECONDS[found[2]]
