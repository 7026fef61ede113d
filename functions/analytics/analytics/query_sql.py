"""A query becomes SQL: names are looked up among the dataset's columns and quoted, values are bound as parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from analytics.columnar import SHEET_COLUMN, identifier, literal
from analytics.errors import InvalidQuery
from analytics.query_schemas import DatasetQuery, Filter, GroupBy, Measure, Operand, Operation, Scalar
from analytics.query_sources import Column, Source

_EXACT_SCALE = 18
"""Digits after the point up to which products stay exact: 20 of a decimal's 38 are left for the whole part."""
_MAX_DEPTH = 5
_COMPARISONS = {"eq": "=", "ne": "IS DISTINCT FROM", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_OPERATORS = {"add": " + ", "subtract": " - ", "multiply": " * "}


@dataclass(frozen=True, slots=True)
class Statement:
    sql: str
    parameters: list[Any]


def build(
    query: DatasetQuery, sources: Sequence[Source], columns: Mapping[str, Column], files: Mapping[int, Path]
) -> Statement:
    """One SELECT that returns up to `limit` + 1 rows, in a settled order. `files` are Parquet files by table position."""
    parameters: list[Any] = []
    relation = " UNION ALL BY NAME ".join(_select(source, columns, files, parameters) for source in sources)
    groups = [f"{_group(group, columns)} AS {identifier(group.output)}" for group in query.group_by]
    measures = [f"{_measure(measure, columns)} AS {identifier(measure.output)}" for measure in query.measures]
    conditions = [condition(item, columns[item.column], parameters) for item in query.filters]
    parts = [f"WITH source AS ({relation}) SELECT {', '.join(groups + measures)} FROM source"]  # noqa: S608 - quoted
    if conditions:
        parts.append(f"WHERE {' AND '.join(conditions)}")
    if groups:
        parts.append(f"GROUP BY {', '.join(str(number) for number in range(1, len(groups) + 1))}")
    parts.append(_order(query))
    parts.append(f"LIMIT {query.limit + 1}")
    return Statement(" ".join(filter(None, parts)), parameters)


def _select(source: Source, columns: Mapping[str, Column], files: Mapping[int, Path], parameters: list[Any]) -> str:
    """Only the columns that are asked for: Parquet does not read the others."""
    wanted: dict[str, str] = {}
    for name, column in columns.items():
        own = source.table.column(name)
        assert own is not None
        wanted[column.name] = f"{identifier(own.name)} AS {identifier(column.name)}"
    select = ", ".join(wanted.values()) or "1 AS one"
    file = literal(str(files[source.table.position]))
    sql = f"SELECT {select} FROM read_parquet({file})"  # noqa: S608 - quoted
    if source.only is not None:
        parameters.append(list(source.only))
        sql += f" WHERE list_contains(?, {identifier(SHEET_COLUMN)})"
    return sql


def _group(group: GroupBy, columns: Mapping[str, Column]) -> str:
    column = columns[group.column]
    if group.grain is None:
        return identifier(column.name)
    if column.type not in ("date", "datetime"):
        raise InvalidQuery(f"The column {group.column!r} is {column.type}, so it has no {group.grain}.")
    return f"CAST(date_trunc('{group.grain}', {identifier(column.name)}) AS DATE)"


def _measure(measure: Measure, columns: Mapping[str, Column]) -> str:
    if measure.column is None and measure.expression is None:
        return "count(*)"
    if measure.expression is not None:
        sql, numeric = _operation(measure.expression, columns).sql, True
    else:
        assert measure.column is not None
        sql, numeric = identifier(columns[measure.column].name), columns[measure.column].numeric
    if measure.op in ("sum", "avg", "median") and not numeric:
        raise InvalidQuery(f"The column {measure.column!r} holds no numbers, so it has no {measure.op}.")
    match measure.op:
        case "distinct":
            return f"count(DISTINCT {sql})"
        case "median":  # of a DECIMAL it would be rounded to the decimal's scale
            return f"median(CAST({sql} AS DOUBLE))"
        case "avg":
            return f"avg(CAST({sql} AS DOUBLE))"
    return f"{measure.op}({sql})"


@dataclass(frozen=True, slots=True)
class _Term:
    """SQL of a number; `scale` None is a binary float."""

    sql: str
    scale: int | None


def _operation(operation: Operation, columns: Mapping[str, Column], depth: int = 1) -> _Term:
    if depth > _MAX_DEPTH:
        raise InvalidQuery(f"An expression nests at most {_MAX_DEPTH} deep.")
    ((operator, operands),) = operation.given.items()
    terms = [_term(operand, columns, depth) for operand in operands]
    if operator == "divide":
        numerator, denominator = (f"CAST({term.sql} AS DOUBLE)" for term in terms)
        return _Term(f"({numerator} / NULLIF({denominator}, 0))", None)
    scales = [term.scale for term in terms]
    exact = [scale for scale in scales if scale is not None]
    scale = sum(exact) if operator == "multiply" else max(exact, default=0)
    if len(exact) < len(scales) or scale > _EXACT_SCALE:
        return _Term(f"({_OPERATORS[operator].join(f'CAST({term.sql} AS DOUBLE)' for term in terms)})", None)
    return _Term(f"({_OPERATORS[operator].join(term.sql for term in terms)})", scale)


def _term(operand: Operand, columns: Mapping[str, Column], depth: int) -> _Term:
    if isinstance(operand, Operation):
        return _operation(operand, columns, depth + 1)
    if isinstance(operand, Decimal):
        exponent = operand.as_tuple().exponent
        assert isinstance(exponent, int)
        return _Term(f"CAST({literal(format(operand, 'f'))} AS DECIMAL(38, {max(0, -exponent)}))", max(0, -exponent))
    column = columns[operand]
    if not column.numeric:
        raise InvalidQuery(f"The column {operand!r} is {column.type}: expressions take numbers.")
    if column.type == "float":
        return _Term(identifier(column.name), None)
    # 38 digits leave room for a product with any other column; a 64-bit integer would overflow with another one.
    return _Term(f"CAST({identifier(column.name)} AS DECIMAL(38, {column.scale}))", column.scale)


def condition(item: Filter, column: Column, parameters: list[Any]) -> str:
    name = identifier(column.name)
    if item.op == "is_null":
        if not isinstance(item.value, bool | None):
            raise InvalidQuery("`is_null` takes true or false.")
        return f"{name} IS {'NOT ' if item.value is False else ''}NULL"
    if item.op == "in":
        if not isinstance(item.value, list) or not item.value:
            raise InvalidQuery("`in` takes a list of values.")
        parameters += [value(each, column) for each in item.value]
        return f"{name} IN ({', '.join('?' for _ in item.value)})"
    if item.value is None or isinstance(item.value, list):
        raise InvalidQuery(f"`{item.op}` takes one value; for blank cells there is `is_null`.")
    if item.op == "contains":
        parameters.append(str(item.value))
        return f"contains(lower(CAST({name} AS VARCHAR)), lower(?))"
    parameters.append(value(item.value, column))
    return f"{name} {_COMPARISONS[item.op]} ?"


def value(given: Scalar, column: Column) -> Any:
    """The value as the column's type, so that "2010-01-02" is a day and "007" stays text."""
    try:
        match column.type:
            case "integer" | "decimal" | "float" if not isinstance(given, bool):
                number = Decimal(given)
                return int(number) if number == number.to_integral_value() and abs(number) < 2**63 else number
            case "boolean" if isinstance(given, bool):
                return given
            case "date" | "datetime" if isinstance(given, str):
                moment = datetime.fromisoformat(given).replace(tzinfo=None)
                return moment if "T" in given or " " in given else moment.date()
            case "time" if isinstance(given, str):
                return time.fromisoformat(given)
            case "text":
                return str(given)
    except (ValueError, ArithmeticError):
        pass
    raise InvalidQuery(f"{str(given)[:100]!r} cannot be compared with {column.name!r}, which is {column.type}.")


def _order(query: DatasetQuery) -> str:
    """What is asked for, then the groups: the same question has the same answer, truncated or not."""
    wanted = [(item.column, item.direction) for item in query.order_by]
    if unknown := [name for name, _ in wanted if name not in query.outputs]:
        raise InvalidQuery(f"The result has no column {unknown[0]!r} to order by.")
    wanted += [(group.output, "asc") for group in query.group_by]
    terms = [f"{query.outputs.index(name) + 1} {direction.upper()} NULLS LAST" for name, direction in wanted]
    return f"ORDER BY {', '.join(terms)}" if terms else ""
