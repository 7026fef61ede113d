"""Starts the child process that reads a workbook, follows it, and ends it when it takes too long."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from analytics.limits import Limits
from analytics.reader_process import RESULT, TOLD, out_of_memory
from analytics.refusal import WorkbookRefused
from analytics.told_types import ToldType

type Progress = Callable[[float, int], Awaitable[None]]
type Told = Mapping[str, Mapping[str, ToldType]]


class ReaderFailed(RuntimeError):
    """The child ended in a way that is our bug, not the workbook's fault: its traceback is in the message."""


async def read_in_child(
    workbook: Path, directory: Path, limits: Limits, progress: Progress, told: Told | None = None
) -> dict[str, Any]:
    """The result as `workbook.ReadWorkbook` describes it; its CSV files are in `directory`. Raises WorkbookRefused."""
    if told:
        await asyncio.to_thread(_write, directory / TOLD, told)
    try:
        async with asyncio.timeout(limits.seconds):
            try:
                last = await _run(workbook, directory, limits, progress)
            except _Died:
                last = await _run(workbook, directory, limits, progress, "careful")
    except TimeoutError:
        raise WorkbookRefused(f"Reading the workbook takes more than {limits.seconds} seconds.") from None
    except _Died:
        raise WorkbookRefused(out_of_memory(limits)) from None
    if "refused" in last:
        raise WorkbookRefused(str(last["refused"]))
    result: dict[str, Any] = json.loads((directory / RESULT).read_text(encoding="utf-8"))
    return result


class _Died(Exception):
    """Killed, or out of memory, before it could say anything."""


async def _run(workbook: Path, directory: Path, limits: Limits, progress: Progress, *manner: str) -> dict[str, Any]:
    """What the child says last. Raises _Died, ReaderFailed."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "analytics.reader_process"),
        *(str(workbook), str(directory), json.dumps(asdict(limits)), *manner),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(directory),
    )
    try:
        last: dict[str, Any]
        last, errors = await asyncio.gather(_follow(child, progress), _read_all(child.stderr))
        code = await child.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
    if "refused" in last or (last.get("read") and code == 0):
        return last
    if code < 0 or b"memory allocation" in errors or b"MemoryError" in errors:
        raise _Died
    raise ReaderFailed(errors.decode(errors="replace")[-4000:])


def _write(file: Path, told: Told) -> None:
    tables = {table: {name: asdict(each) for name, each in columns.items()} for table, columns in told.items()}
    file.write_text(json.dumps(tables), encoding="utf-8")


def _environment(directory: Path) -> dict[str, str]:
    """Our import path (on Lambda it is not in PYTHONPATH) and nothing else: what parses strangers' files holds no keys."""
    return {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PATH": os.environ.get("PATH", ""),
        "LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", ""),
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "TMPDIR": str(directory),
    }


async def _follow(child: asyncio.subprocess.Process, progress: Progress) -> dict[str, Any]:
    """The child's last line."""
    assert child.stdout is not None
    line: dict[str, Any] = {}
    async for raw in child.stdout:
        line = json.loads(raw)
        if "share" in line:
            await progress(line["share"], line["rows"])
    return line


async def _read_all(stream: asyncio.StreamReader | None) -> bytes:
    assert stream is not None
    return await stream.read()
