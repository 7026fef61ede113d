"""`make bench-cold`: cold starts of the built functions, against a FastAPI hello as `sam build` leaves it.

Each round starts every function once, in turn, so that what else the machine does falls on all alike. The yardstick
carries no bytecode, because `sam build` leaves it out and /var/task is read-only. `--imports` tells where time goes.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.lambda_runtime import Function, Took, cold_start, environment, lay_client
from tools import build

GOAL = 0.85
"""Of the yardstick's time, for each function."""

HERE = Path(__file__).parent
EVENTS = build.ROOT / "events"
GROUPS = ("auth", "money", "posts", "analytics")


def yardstick() -> Function:
    folder = build.ROOT / ".aws-sam" / "hello"
    command = [
        "sam",
        "build",
        "--cached",
        "--template",
        str(HERE / "hello" / "template.yaml"),
        "--build-dir",
        str(folder),
    ]
    done = subprocess.run(command, env=build.environment(), cwd=build.ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return Function("hello", "app.handler", folder / "HelloFunction")


def ours(group: str) -> Function:
    variables = {
        "ENVIRONMENT": "dev",
        "PUBLIC_URL": "https://artel.example",
        "JWT_ISSUER": "https://issuer.example",
        "DATABASE_URL": f"postgresql://artel_{group}@db.example:5432/artel?sslmode=require",
        "DATABASE_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:artel",
        "DATABASE_POOL_SIZE": "1",
    }
    task = build.BUILD / f"{group.title()}Function"
    return Function(group, f"{group}.handler.handler", task, build.BUILD / build.LAYER, variables)


def event(path: str) -> dict[str, Any]:
    """A GET as the HTTP API hands it over."""
    sample: dict[str, Any] = json.loads((EVENTS / "auth-health.json").read_text())
    sample |= {"rawPath": path, "routeKey": f"GET {path}"}
    sample["requestContext"]["routeKey"] = f"GET {path}"
    sample["requestContext"]["http"]["path"] = path
    return sample


def measure(rounds: int, client: Path) -> dict[str, list[Took]]:
    runs = [(yardstick(), event("/")), *((ours(group), event(f"/v1/{group}/health")) for group in GROUPS)]
    times: dict[str, list[Took]] = {function.name: [] for function, _ in runs}
    for turn in range(-1, rounds):
        for function, request in runs:
            took = cold_start(function, request, client)
            if turn >= 0:  # the first round only fills the page cache
                times[function.name].append(took)
        print(".", end="", flush=True)
    print()
    return times


def report(times: dict[str, list[Took]]) -> bool:
    """Ratios are medians over the rounds, each to the yardstick of its own round."""
    print(f"{'':12}{'median':>9}{'lowest':>9}{'to hello':>10}{'CPU':>9}{'to hello':>10}")
    good = True
    for name, taken in times.items():
        pairs = list(zip(taken, times["hello"], strict=True))
        clock = statistics.median(one.clock / other.clock for one, other in pairs)
        cpu = statistics.median(one.cpu / other.cpu for one, other in pairs)
        clocks, cpus = [one.clock for one in taken], [one.cpu for one in taken]
        verdict = "" if name == "hello" or clock <= GOAL else f"  above {GOAL}"
        good = good and not verdict
        print(
            f"{name:12}{statistics.median(clocks):8.3f}s{min(clocks):8.3f}s{clock:10.2f}"
            f"{statistics.median(cpus):8.3f}s{cpu:10.2f}{verdict}"
        )
    return good


def imports(group: str, client: Path, most: int = 30) -> None:
    """The modules whose import takes longest, with what they import in turn."""
    function = ours(group)
    program = [f"{sys.base_prefix}/bin/python3.13", "-s", "-X", "importtime", "-c", f"import {group}.handler"]
    done = subprocess.run(
        program, env=environment(function, client), cwd=function.task, capture_output=True, text=True, check=True
    )
    rows = re.findall(r"import time:\s+(\d+) \|\s+(\d+) \| ( *)(\S+)", done.stderr)
    print(f"\n{group}: {int(rows[-1][1]) / 1000:.0f} ms in {len(rows)} modules\n   whole    own")
    for own, whole, _, name in sorted(rows, key=lambda row: -int(row[1]))[:most]:
        print(f"{int(whole) / 1000:8.1f}{int(own) / 1000:7.1f}  {name}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--imports", choices=GROUPS, nargs="*", help="also list the slowest imports of these groups")
    options = parser.parse_args()
    build.build_if_stale()
    client = lay_client(build.ROOT / ".aws-sam" / "runtime-client")
    good = report(measure(options.rounds, client))
    for group in options.imports or ():
        imports(group, client)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
