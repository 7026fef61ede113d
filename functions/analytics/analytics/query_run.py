"""Runs a built query, locked in, off the event loop, for a limited time."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analytics.engine import connection_to
from analytics.errors import QueryTooHeavy
from analytics.query_sql import Statement
from analytics.result_json import Columns, columns_json, rows_json

SECONDS = 20.0
_TYPES = {
    "BIGINT": "integer", "HUGEINT": "integer", "INTEGER": "integer", "DOUBLE": "float", "VARCHAR": "text",
    "BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "datetime", "TIME": "time",
}  # fmt: skip


async def run(statement: Statement, files: Sequence[Path], limit: int) -> bytes:
    """The JSON of a `QueryResult`. Raises QueryTooHeavy."""
    columns, rows = await fetch(statement, files)
    body = await asyncio.to_thread(rows_json, columns, rows[:limit])
    truncated = "true" if len(rows) > limit else "false"
    return f'{{"columns":{columns_json(columns)},"rows":{body},"truncated":{truncated}}}'.encode()


async def fetch(statement: Statement, files: Sequence[Path]) -> tuple[Columns, list[tuple[Any, ...]]]:
    """Raises QueryTooHeavy."""
    import duckdb

    async with connection_to(files) as connection:
        work = asyncio.create_task(asyncio.to_thread(_fetch, connection, statement))
        try:
            await asyncio.wait({work}, timeout=SECONDS)
        finally:
            if not work.done():
                connection.interrupt()
        try:
            return await work
        except (duckdb.InterruptException, duckdb.OutOfMemoryException):
            raise QueryTooHeavy from None
        except duckdb.OutOfRangeException:
            raise QueryTooHeavy("A result has more digits than a decimal can hold.") from None


def _fetch(connection: Any, statement: Statement) -> tuple[Columns, list[tuple[Any, ...]]]:
    result = connection.execute(statement.sql, statement.parameters)
    names = [(column[0], _type(str(column[1]))) for column in result.description]
    return names, result.fetchall()


def _type(name: str) -> str:
    return "decimal" if name.startswith("DECIMAL") else _TYPES[name]
