"""Which tables of a dataset a query reads, and which columns they have together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analytics.errors import InvalidQuery
from analytics.query_schemas import DatasetQuery, Measure, Operand, Operation

_NUMERIC_RANK = {"integer": 0, "decimal": 1, "float": 2}


@dataclass(frozen=True, slots=True)
class Column:
    """`scale` is a decimal's digits after the point."""

    name: str
    type: str
    scale: int = 0

    @property
    def numeric(self) -> bool:
        return self.type in _NUMERIC_RANK


@dataclass(frozen=True, slots=True)
class QueryTable:
    """A table of the dataset, as far as a query needs to know it."""

    position: int
    name: str
    sheets: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        """By its exact name, or else whatever the case."""
        exact = next((column for column in self.columns if column.name == name), None)
        return exact or next((column for column in self.columns if column.name.casefold() == name.casefold()), None)


@dataclass(frozen=True, slots=True)
class Source:
    """A table, or with `only` some of the sheets it was made from."""

    table: QueryTable
    only: tuple[str, ...] | None = None


def choose_sources(query: DatasetQuery, tables: Sequence[QueryTable]) -> list[Source]:
    """The named tables, or the one table that has all columns of the query."""
    names = query.tables or ([query.table] if query.table is not None else [])
    if names:
        return _named(names, tables)
    wanted = set(mentioned(query))
    fitting = [table for table in tables if all(table.column(name) for name in wanted)]
    if len(fitting) > 1:
        choice = ", ".join(repr(table.name) for table in fitting)
        raise InvalidQuery(f"Several tables have these columns: say which with `table` or `tables`: {choice}.")
    if not fitting:
        known = {column.name for table in tables for column in table.columns}
        unknown = sorted(name for name in wanted if not any(table.column(name) for table in tables))
        told = f"There is no column {unknown[0]!r}" if unknown else "No table has all of these columns"
        raise InvalidQuery(f"{told}. The columns are: {', '.join(sorted(known))[:1000]}.")
    return [Source(fitting[0])]


def _named(names: Sequence[str], tables: Sequence[QueryTable]) -> list[Source]:
    whole = [table for table in tables if table.name in names]
    sources = [Source(table) for table in whole]
    for table in tables:
        sheets = tuple(sheet for sheet in table.sheets if sheet in names)
        if table not in whole and sheets:
            sources.append(Source(table, None if len(table.sheets) == 1 else sheets))
    known = {name for source in sources for name in (source.table.name, *(source.table.sheets))}
    if unknown := [name for name in names if name not in known]:
        choice = ", ".join(repr(table.name) for table in tables)
        raise InvalidQuery(f"There is no table {unknown[0]!r}. The tables are: {choice[:1000]}.")
    return sources


def mentioned(query: DatasetQuery) -> Iterator[str]:
    """Every column name in the query, as written."""
    for measure in query.measures:
        yield from _of_measure(measure)
    yield from (group.column for group in query.group_by)
    yield from (condition.column for condition in query.filters)


def _of_measure(measure: Measure) -> Iterator[str]:
    if measure.column is not None:
        yield measure.column
    if measure.expression is not None:
        yield from _of_operand(measure.expression)


def _of_operand(operand: Operand) -> Iterator[str]:
    if isinstance(operand, str):
        yield operand
    elif isinstance(operand, Operation):
        for operands in operand.given.values():
            for inner in operands:
                yield from _of_operand(inner)


def common_columns(query: DatasetQuery, sources: Sequence[Source]) -> dict[str, Column]:
    """The query's columns, by the name it uses, of one type over all sources."""
    columns: dict[str, Column] = {}
    for name in mentioned(query):
        found = [source.table.column(name) for source in sources]
        missing = next((s.table.name for s, column in zip(sources, found, strict=True) if column is None), None)
        if missing is not None:
            raise InvalidQuery(f"The table {missing!r} has no column {name!r}.")
        columns[name] = _same_type(name, [column for column in found if column is not None])
    return columns


def _same_type(name: str, columns: list[Column]) -> Column:
    types = {column.type for column in columns}
    if len(types) == 1 or types <= set(_NUMERIC_RANK):
        widest = max(types, key=lambda kind: _NUMERIC_RANK.get(kind, 0))
        return Column(columns[0].name, widest, max(column.scale for column in columns))
    if types == {"date", "datetime"}:
        return Column(columns[0].name, "datetime")
    raise InvalidQuery(f"The column {name!r} is {' here and '.join(sorted(types))} there.")
