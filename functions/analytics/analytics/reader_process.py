"""The child process that reads one workbook: `python -m analytics.reader_process <workbook> <directory> <limits as JSON>`,
and "careful" behind it after it has died once.

A hostile workbook can abort a reader in Rust or exhaust memory, which nothing in Python can catch; so it happens here.
Types that a person has told are in a file beside the workbook. Each line of its output is one JSON object: {"share", "rows"} while it reads, {"refused"} or {"read": true} at the end.
"""

import contextlib
import json
import os
import resource
import sys
from dataclasses import asdict
from pathlib import Path

from analytics.limits import Limits
from analytics.refusal import WorkbookRefused
from analytics.told_types import ToldType
from analytics.workbook import Told, read_workbook

RESULT, TOLD = "result.json", "told.json"


def main(workbook: Path, directory: Path, limits: Limits, *, careful: bool) -> None:
    _restrict(limits)
    try:
        read = read_workbook(workbook, directory, limits, _progress, _told(directory / TOLD), careful=careful)
    except WorkbookRefused as refusal:
        _say(refused=str(refusal))
    except MemoryError:
        _say(refused=out_of_memory(limits))
    else:
        (directory / RESULT).write_text(json.dumps(asdict(read), ensure_ascii=False), encoding="utf-8")
        _say(read=True)


def _progress(share: float, rows: int) -> None:
    _say(share=round(share, 3), rows=rows)


def _told(file: Path) -> Told:
    if not file.exists():
        return {}
    tables = json.loads(file.read_text(encoding="utf-8"))
    return {table: {name: ToldType(**each) for name, each in columns.items()} for table, columns in tables.items()}


def out_of_memory(limits: Limits) -> str:
    return f"Reading the workbook takes more than {limits.memory_bytes // 1_048_576} MB of memory."


def _say(**line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _restrict(limits: Limits) -> None:
    """macOS refuses some of these limits; there the parent's time limit alone remains."""
    wanted = {
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_CPU: limits.seconds + 5,
        resource.RLIMIT_FSIZE: 4 * limits.unpacked_bytes,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in wanted.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Limits(**json.loads(sys.argv[3])), careful="careful" in sys.argv[4:])
    os._exit(0)  # without waiting for what is still parsed ahead
