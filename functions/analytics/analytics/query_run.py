"""Runs a built query, locked in, off the event loop, for a limited time."""

import asyncio
import json
import math
import tempfile
from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from analytics.columnar import connect, lock
from analytics.errors import QueryTooHeavy
from analytics.query_sql import Statement

SECONDS = 20.0
_TYPES = {
    "BIGINT": "integer", "HUGEINT": "integer", "INTEGER": "integer", "DOUBLE": "float", "VARCHAR": "text",
    "BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "datetime", "TIME": "time",
}  # fmt: skip


type Columns = list[tuple[str, str]]
"""Names and types."""


async def run(statement: Statement, files: Sequence[Path], limit: int) -> bytes:
    """The JSON of a `QueryResult`. Raises QueryTooHeavy."""
    columns, rows = await fetch(statement, files)
    body = ",".join(map(row_json, rows[:limit]))
    truncated = json.dumps(len(rows) > limit)
    return f'{{"columns":{columns_json(columns)},"rows":[{body}],"truncated":{truncated}}}'.encode()


async def fetch(statement: Statement, files: Sequence[Path]) -> tuple[Columns, list[tuple[Any, ...]]]:
    """Raises QueryTooHeavy."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="artel-query-") as directory, connect(Path(directory)) as connection:
        lock(connection, list(files))
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


# Written here because Python's encoders give a Decimal either as text or with the digits of a float.


def columns_json(columns: Columns) -> str:
    return json.dumps([{"name": name, "type": kind} for name, kind in columns], ensure_ascii=False)


def row_json(row: Sequence[Any]) -> str:
    return f"[{','.join(map(_literal, row))}]"


def _literal(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float) and not math.isfinite(value):
        return "null"
    if isinstance(value, (date, time)):
        return f'"{value.isoformat()}"'
    return json.dumps(value, ensure_ascii=False)
