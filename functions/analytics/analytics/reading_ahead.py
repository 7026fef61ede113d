"""calamine parses the next sheet in a thread of its own, without Python's lock, while Python does something else."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any


class ReadingAhead:
    """All of calamine's work is in one thread, one thing after the other. What it raises, these methods raise."""

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._opened = self._thread.submit(_open, path)
        self._ahead: Future[Any] | None = None

    def metadata(self) -> list[Any]:
        """Of each sheet: name, type, visibility."""
        return self._opened.result()[1]

    def begin_first(self) -> None:
        """Which may be another than is wanted first, or none that holds cells; then it was in vain."""
        self._ahead = self._thread.submit(lambda: self._opened.result()[0].get_sheet_by_index(0))

    def begin(self, name: str) -> None:
        """Unless one waits already."""
        if self._ahead is None:
            self._ahead = self._thread.submit(self._opened.result()[0].get_sheet_by_name, name)

    def sheet(self, name: str) -> Any:
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead.exception() is None and ahead.result().name == name:
            return ahead.result()
        return self._thread.submit(self._opened.result()[0].get_sheet_by_name, name).result()


def _open(path: Path) -> tuple[Any, list[Any]]:
    """With its metadata: the workbook cannot be asked anything while it parses."""
    import python_calamine

    workbook = python_calamine.CalamineWorkbook.from_path(path)
    return workbook, workbook.sheets_metadata
