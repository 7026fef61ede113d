"""Rows of a table as they stand: filtered, sorted, page by page. The position of the last row seen is the cursor."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from analytics import query_run
from analytics.columnar import ROW_COLUMN, SHEET_COLUMN, identifier, literal
from analytics.errors import InvalidQuery
from analytics.query_schemas import Filter, RowsQuery
from analytics.query_sources import Column, QueryTable
from analytics.query_sql import Statement, condition, value
from analytics.result_json import columns_json, rows_json
from common.pagination import Position, decode_cursor, encode_cursor

_PLACE = "file_row_number"
"""DuckDB's number of a row in its file: what rows of equal value are told apart by."""


def columns_of(table: QueryTable, query: RowsQuery) -> dict[str, Column]:
    """Those that are shown, by their names. Raises InvalidQuery."""
    names = query.columns or [column.name for column in table.columns]
    return {column.name: column for column in (_known(table, name) for name in names)}


def _known(table: QueryTable, name: str) -> Column:
    column = table.column(name)
    if column is None:
        raise InvalidQuery(f"The table {table.name!r} has no column {name!r}.")
    return column


def build(table: QueryTable, query: RowsQuery, file: Path, cursor: str | None) -> Statement:
    """One SELECT of `limit` + 1 rows: the sheet if there are several, the row's number there, the columns, and the position.

    Raises InvalidQuery, InvalidCursor.
    """
    parameters: list[Any] = []
    sort = _known(table, query.sort.removeprefix("-")) if query.sort else None
    conditions = [condition(each, _known(table, each.column), parameters) for each in query.filters]
    if cursor is not None:
        conditions.append(_after(cursor, sort, query, parameters))
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    shown = [*_place_columns(table), *(identifier(name) for name in columns_of(table, query))]
    position = [f"{identifier(sort.name) if sort else 'CAST(NULL AS VARCHAR)'} AS sort_value", f"{_PLACE} AS place"]
    order = f"{_sorted(sort, query)}, {_PLACE}" if sort else _PLACE
    source = f"read_parquet({literal(str(file))}, file_row_number = true)"
    return Statement(
        f"SELECT {', '.join([*shown, *position])} FROM {source} {where} ORDER BY {order} LIMIT {query.limit + 1}",  # noqa: S608 - quoted
        parameters,
    )


def _place_columns(table: QueryTable) -> list[str]:
    return [identifier(name) for name in ((SHEET_COLUMN, ROW_COLUMN) if len(table.sheets) > 1 else (ROW_COLUMN,))]


def _descending(query: RowsQuery) -> bool:
    return (query.sort or "").startswith("-")


def _sorted(sort: Column, query: RowsQuery) -> str:
    return f"{identifier(sort.name)} {'DESC' if _descending(query) else 'ASC'} NULLS LAST"


def _after(cursor: str, sort: Column | None, query: RowsQuery, parameters: list[Any]) -> str:
    last, place = decode_cursor(cursor, tuple[str | bool | None, Position])
    if sort is None:
        parameters.append(place)
        return f"{_PLACE} > ?"
    name = identifier(sort.name)
    if last is None:
        parameters.append(place)
        return f"({name} IS NULL AND {_PLACE} > ?)"
    seen = value(last, sort)
    parameters += [seen, seen, place]
    return f"({name} {'<' if _descending(query) else '>'} ? OR ({name} = ? AND {_PLACE} > ?) OR {name} IS NULL)"


async def read(statement: Statement, file: Path, limit: int) -> bytes:
    """The JSON of a `RowPage`. Raises QueryTooHeavy."""
    columns, rows = await query_run.fetch(statement, [file])
    shown = rows[:limit]
    following = encode_cursor(_position(shown[-1])) if len(rows) > limit else None
    body = rows_json(columns[:-2], [row[:-2] for row in shown])
    return f'{{"columns":{columns_json(columns[:-2])},"rows":{body},"next_cursor":{json.dumps(following)}}}'.encode()


def _position(row: Sequence[Any]) -> tuple[str | bool | None, int]:
    last, place = row[-2:]
    if isinstance(last, (date, time)):
        return last.isoformat(), place
    if isinstance(last, Decimal):
        return format(last, "f"), place
    return (last if last is None or isinstance(last, bool) else str(last)), place


def filters_of(text: str | None) -> list[Filter]:
    """As they stand in the address: a JSON array. Raises InvalidQuery."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(list[Filter]).validate_json(text) if text else []
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidQuery(f"`filters`: {'.'.join(map(str, first['loc'])) or 'JSON'}: {first['msg']}") from None


def only_table(tables: Sequence[QueryTable], name: str | None) -> QueryTable:
    """The named one, or the only one. Raises InvalidQuery."""
    by_name: Mapping[str, QueryTable] = {table.name: table for table in tables}
    if name is None and len(tables) == 1:
        return tables[0]
    if name is not None and name in by_name:
        return by_name[name]
    choice = ", ".join(map(repr, by_name))
    raise InvalidQuery(f"Say which table with `table`: {choice[:1000]}.")
