"""The child process: what it cannot do, and how its end is told."""

import subprocess
import sys
import textwrap
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from analytics.limits import Limits
from analytics.reader import read_in_child
from analytics.refusal import WorkbookRefused
from tests.analytics.books import book, with_sheet

ROWS: list[list[Any]] = [["Who", "n"], *[[f"name {n}", n] for n in range(5000)]]


async def _nothing(_share: float, _rows: int) -> None:
    pass


async def _read(content: bytes, folder: Path, limits: Limits) -> dict[str, object]:
    (folder / "book.xlsx").write_bytes(content)
    return await read_in_child(folder / "book.xlsx", folder, limits, _nothing)


async def test_it_reads_and_reports(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(book(ROWS))
    told: list[tuple[float, int]] = []

    async def progress(share: float, rows: int) -> None:
        told.append((share, rows))

    read = await read_in_child(tmp_path / "book.xlsx", tmp_path, Limits(), progress)
    assert read["tables"][0]["rows"] == 5000
    assert told == sorted(told)
    assert told[-1][1] > 0


async def test_it_is_stopped_when_it_takes_too_long(tmp_path: Path) -> None:
    with pytest.raises(WorkbookRefused, match="more than 0 seconds"):
        await _read(book(ROWS), tmp_path, Limits(seconds=0))


async def test_it_is_refused_more_memory_than_allowed(tmp_path: Path) -> None:
    """The prescan would refuse this sheet: it is let through to see the reader itself fail."""
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    limits = replace(Limits(), bounding_box=2**40)
    with pytest.raises(WorkbookRefused, match="memory"):
        await _read(with_sheet(f"<sheetData>{far}</sheetData>"), tmp_path, limits)


async def test_it_tells_why_a_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkbookRefused, match="not an Excel workbook"):
        await _read(b"hello", tmp_path, Limits())


def test_it_works_without_our_environment_and_shared_memory(tmp_path: Path) -> None:
    """As on Lambda: the import path is in sys.path only, and nothing may need /dev/shm."""
    (tmp_path / "book.xlsx").write_bytes(book(ROWS))
    script = f"""
        import asyncio, sys
        sys.path[:] = {sys.path!r}
        from pathlib import Path
        from analytics.limits import Limits
        from analytics.reader import read_in_child

        async def nothing(share, rows): pass
        folder = Path({str(tmp_path)!r})
        print(len(asyncio.run(read_in_child(folder / "book.xlsx", folder, Limits(), nothing))["tables"]))
    """
    done = subprocess.run(
        [sys.executable, "-I", "-c", textwrap.dedent(script)], capture_output=True, text=True, env={}, check=False
    )
    assert done.stdout == "1\n", done.stderr


def test_limits_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from analytics.limits import limits

    monkeypatch.setenv("UPLOAD_SECONDS", "7")
    limits.cache_clear()
    assert asdict(limits()) == {**asdict(Limits()), "seconds": 7}
    limits.cache_clear()
