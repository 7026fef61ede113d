"""The same load as tests/bench/load.py makes, by wrk (Debian: apt-get install wrk): a client that is not the bottleneck."""

import re
import shutil
import subprocess
from collections import Counter

from tests.bench.load import Load

_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


def is_there() -> bool:
    return shutil.which("wrk") is not None


def load(url: str, status: int, *, connections: int, seconds: float, **headers: str) -> Load:
    """`status` is what is expected: wrk tells only whether it was 2xx or 3xx."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency", url]
    for name, value in headers.items():
        command += ["-H", f"{name.replace('_', '-')}: {value}"]
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
