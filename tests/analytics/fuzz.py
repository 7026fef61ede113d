"""Thousands of damaged workbooks: each must end in a dataset or a reason, within its limits (`make fuzz-workbooks`).

Every file is read by a forked copy of the child process that reads uploads: with the same limits, but without the half
second that starting Python takes. What it read goes on into a Parquet file and its profile, as an upload's does.
"""

import argparse
import csv
import json
import multiprocessing
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analytics.limits import Limits
from analytics.reader_process import RESULT, main
from tests.analytics.damage import damaged
from tests.analytics.shapes import lists, records, statements

LIMITS = replace(Limits(), seconds=20)
DATA = Path(__file__).parent.parent / "data"
OUR_FAULT = 1
"""Exit status of the child when Python raised what nobody expected."""


@dataclass(frozen=True)
class Ending:
    """`kind`: "dataset", "refused", "killed" by its limits, or "fault", which is ours."""

    number: int
    kind: str
    detail: str
    seconds: float
    megabytes: float


def seeds() -> list[bytes]:
    shapes = [*statements.SHAPES, *lists.SHAPES, *records.SHAPES]
    return [*(shape.workbook() for shape in shapes), (DATA / "club-ledger.xlsx").read_bytes()]


def read_forked(workbook: Path, directory: Path, *, careful: bool) -> tuple[int, str, float]:
    """Wait status, what it said last or raised, and its peak of memory in MB."""
    output = directory / "output"
    child = os.fork()
    if child == 0:
        _be_the_child(workbook, directory, output, careful=careful)
    deadline = time.monotonic() + LIMITS.seconds
    while True:
        done, status, usage = os.wait4(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            deadline = float("inf")
        time.sleep(0.002)
    said = output.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return status, said[-1] if said else "", usage.ru_maxrss / 1024


def _be_the_child(workbook: Path, directory: Path, output: Path, *, careful: bool) -> None:
    status = OUR_FAULT
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        sys.addaudithook(_Guard(directory))
        main(workbook, directory, LIMITS, careful=careful)
        status = 0
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is what this looks for
        print(f"{type(error).__name__}: {error}", flush=True)
    finally:
        sys.stdout.flush()
        os._exit(status)


class _Guard:
    """Nothing is written outside the upload's own folder, and nothing is connected to or started."""

    def __init__(self, directory: Path) -> None:
        self._directory = str(directory)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "subprocess.Popen", "os.system", "os.exec", "os.remove", "os.rename"):
            raise AssertionError(f"{event} {arguments}")
        if event == "open" and isinstance(arguments[0], str) and not arguments[0].startswith(self._directory):
            mode = arguments[1] or ""
            if any(letter in mode for letter in "wax+"):
                raise AssertionError(f"{event} {arguments}")


def publish(directory: Path) -> None:
    """What becomes of a result: checked against its own counts, made into Parquet files, and profiled."""
    from analytics.columnar import write_parquet
    from analytics.profile import profile_table

    read = json.loads((directory / RESULT).read_text(encoding="utf-8"))
    assert "\\u0000" not in json.dumps(read), "a NUL, which PostgreSQL does not store"
    assert len(read["problems"]) == min(read["problems_count"], LIMITS.problems)
    assert sum(table["refused"] for table in read["tables"]) <= read["problems_count"]
    for table in read["tables"]:
        with (directory / table["csv"]).open(encoding="utf-8", newline="") as file:
            assert sum(1 for _ in csv.reader(file)) == table["rows"]
        parquet = directory / "table.parquet"
        write_parquet(directory / table["csv"], table["columns"], parquet)
        profiles = profile_table(parquet, table["columns"])
        assert all(profile["count"] + profile["nulls"] == table["rows"] for profile in profiles)
        json.dumps(profiles, allow_nan=False)


def one(number: int, content: bytes, publisher: ProcessPoolExecutor) -> Ending:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="artel-fuzz-") as folder:
        directory = Path(folder)
        workbook = directory / "workbook.xlsx"
        workbook.write_bytes(content)
        status, said, megabytes = read_forked(workbook, directory, careful=False)
        kind, detail = _told(status, said)
        if kind == "killed":
            status, said, megabytes = read_forked(workbook, directory, careful=True)
            kind, detail = _told(status, said)
        if kind == "dataset":
            try:
                publisher.submit(publish, directory).result(timeout=60)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what this looks for
                kind, detail = "fault", f"{type(error).__name__}: {error}"
    if megabytes * 1024 * 1024 > LIMITS.memory_bytes:
        kind, detail = "fault", f"{megabytes:.0f} MB"
    return Ending(number, kind, detail, time.monotonic() - started, megabytes)


def _told(status: int, said: str) -> tuple[str, str]:
    if os.WIFSIGNALED(status):
        return "killed", f"signal {os.WTERMSIG(status)}: {said[:200]}"
    if os.WEXITSTATUS(status):
        # calamine aborts, and Python may raise, for want of memory: the reader takes both for the limit they are.
        return ("killed" if "MemoryError" in said or "memory allocation" in said else "fault"), said[:500]
    line = json.loads(said)
    return ("refused", line["refused"]) if "refused" in line else ("dataset", "")


def run(seed: int, first: int, last: int, keep: Path) -> list[Ending]:
    sources = seeds()
    endings = []
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as publisher:
        for number in range(first, last):
            content = damaged(random.Random(f"{seed}/{number}"), sources)
            ending = one(number, content, publisher)
            if ending.kind in ("fault", "killed"):
                (keep / f"{seed}-{number}.xlsx").write_bytes(content)
            endings.append(ending)
            if len(endings) % 250 == 0:
                print(f"  {first}…{number}: {dict(Counter(each.kind for each in endings))}", flush=True)
    return endings


def _shares(files: int, jobs: int) -> Iterator[tuple[int, int]]:
    for job in range(jobs):
        yield files * job // jobs, files * (job + 1) // jobs


def fuzz(seed: int, files: int, jobs: int, keep: Path) -> int:
    keep.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        futures = [pool.submit(run, seed, first, last, keep) for first, last in _shares(files, jobs)]
        endings = [ending for future in futures for ending in future.result()]
    print(f"\n{files} files of seed {seed}: {dict(Counter(each.kind for each in endings))}")
    for reason, times in Counter(each.detail for each in endings if each.kind == "refused").most_common(25):
        print(f"{times:7} × {reason[:140]}")
    slowest, largest = max(endings, key=lambda e: e.seconds), max(endings, key=lambda e: e.megabytes)
    print(f"slowest {slowest.seconds:.1f} s (file {slowest.number}), most memory {largest.megabytes:.0f} MB")
    for ending in endings:
        if ending.kind in ("fault", "killed"):
            print(f"{ending.kind} in file {ending.number}, kept in {keep}: {ending.detail}")
    return int(any(each.kind == "fault" for each in endings))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", type=Path, default=Path(".local/fuzz-workbooks"))
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(fuzz(given.seed, given.files, given.jobs, given.keep))
