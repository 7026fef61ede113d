"""DuckDB, open on the files of the last queries: to open it anew takes longer than most queries do.

Each of them is locked in on its own files: what reads one dataset reaches no other.
"""

import asyncio
import tempfile
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.columnar import connect, lock

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_KEPT = 3
"""Each may take as much memory as `columnar.MEMORY_LIMIT`."""


class _Engine:
    def __init__(self, files: list[Path]) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="artel-query-", ignore_cleanup_errors=True)
        self.connection = connect(Path(self._directory.name))
        lock(self.connection, files)
        self.users = 0
        self.kept = True

    def close_if_idle(self) -> None:
        if not self.users and not self.kept:
            self.connection.close()
            self._directory.cleanup()


_engines: OrderedDict[tuple[Path, ...], _Engine] = OrderedDict()


@asynccontextmanager
async def connection_to(files: Sequence[Path]) -> AsyncIterator["DuckDBPyConnection"]:
    """One of this caller's own, to interrupt as it likes."""
    engine = await _engine(tuple(files))
    engine.users += 1
    try:
        with engine.connection.cursor() as connection:
            yield connection
    finally:
        engine.users -= 1
        engine.close_if_idle()


async def _engine(files: tuple[Path, ...]) -> _Engine:
    engine = _engines.get(files)
    if engine is None:
        engine = await asyncio.to_thread(_Engine, list(files))
        _let_go(_engines.pop(files, None))  # somebody else's, opened in the meantime
        _engines[files] = engine
    _engines.move_to_end(files)
    while len(_engines) > _KEPT:
        _let_go(_engines.popitem(last=False)[1])
    return engine


def _let_go(engine: _Engine | None) -> None:
    if engine is not None:
        engine.kept = False
        engine.close_if_idle()
