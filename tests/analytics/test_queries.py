"""Questions to a table, answered by the engine from a real Parquet file."""

# ruff: noqa: DTZ001 - a workbook knows no time zones

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from analytics import query_run
from analytics.columnar import write_parquet
from analytics.errors import InvalidQuery, QueryTooHeavy
from analytics.limits import Limits
from analytics.query_schemas import DatasetQuery
from analytics.query_sources import Column, QueryTable, choose_sources, common_columns
from analytics.query_sql import Statement, build
from analytics.workbook import read_workbook
from tests.analytics.books import book

SALES: list[list[Any]] = [
    ["Day", "City", "Pieces", "Price", "Big price", "Open"],
    [datetime(2024, 5, 1, 9), "Oslo", 2, 1.25, 0.1, True],
    [datetime(2024, 5, 1, 17), "Riga", 3, 1.30, 0.2, False],
    [datetime(2024, 5, 6, 12), "Oslo", None, 2, 123456789012.75, True],
    [datetime(2024, 7, 31, 23, 59), 'O"slo; --', 1, 99.99, 0.3, None],
]
PEOPLE: list[list[Any]] = [
    ["City", "People", "Since"],
    ["Oslo", 700, date(1048, 1, 1)],
    ["Riga", 600, date(1201, 1, 1)],
]


class Dataset:
    def __init__(self, folder: Path, content: bytes) -> None:
        (folder / "book.xlsx").write_bytes(content)
        read = read_workbook(folder / "book.xlsx", folder, Limits(), lambda _share, _rows: None)
        self.tables, self.files = [], {}
        for position, table in enumerate(read.tables, start=1):
            columns = [asdict(column) for column in table.columns]
            self.files[position] = folder / f"{position}.parquet"
            write_parquet(folder / table.csv, columns, self.files[position])
            typed = tuple(Column(c.name, c.type.name, c.type.scale) for c in table.columns)
            self.tables.append(QueryTable(position, table.name, tuple(table.sheets), typed))

    async def ask(self, **query: Any) -> dict[str, Any]:
        asked = DatasetQuery.model_validate(query)
        sources = choose_sources(asked, self.tables)
        columns = common_columns(asked, sources)
        statement = build(asked, sources, columns, self.files)
        answer: dict[str, Any] = json.loads(
            await query_run.run(statement, list(self.files.values()), asked.limit), parse_float=Decimal
        )
        return answer

    async def rows(self, **query: Any) -> list[list[Any]]:
        return list((await self.ask(**query))["rows"])


@pytest.fixture(scope="module")
def sales(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return Dataset(tmp_path_factory.mktemp("sales"), book(SALES, PEOPLE, names=["Sales", "Cities"]))


@pytest.mark.parametrize(
    ("op", "column", "expected"),
    [
        ("sum", "Pieces", 6),
        ("sum", "Price", Decimal("104.54")),
        ("sum", "Big price", Decimal("123456789013.35")),
        ("avg", "Pieces", 2),
        ("min", "Price", Decimal("1.25")),
        ("max", "City", "Riga"),
        ("min", "Day", "2024-05-01T09:00:00"),
        ("count", "Pieces", 3),
        ("count", None, 4),
        ("distinct", "City", 3),
        ("median", "Price", Decimal("1.65")),
    ],
)
async def test_measures(sales: Dataset, op: str, column: str | None, expected: object) -> None:
    assert await sales.rows(table="Sales", measures=[{"op": op, "column": column}]) == [[expected]]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ({"multiply": ["Pieces", "Price"]}, Decimal("106.39")),
        ({"multiply": ["Pieces", {"add": ["Price", 1]}]}, Decimal("112.39")),
        ({"multiply": ["Price", Decimal("0.1")]}, Decimal("10.454")),
        ({"subtract": ["Price", "Pieces"]}, Decimal("96.54")),
        ({"divide": ["Price", {"subtract": ["Pieces", "Pieces"]}]}, None),
    ],
)
async def test_expressions_are_exact(sales: Dataset, expression: dict[str, Any], expected: object) -> None:
    assert await sales.rows(measures=[{"op": "sum", "expression": expression}]) == [[expected]]


@pytest.mark.parametrize(
    ("grain", "firsts"),
    [
        ("day", ["2024-05-01", "2024-05-06", "2024-07-31"]),
        ("week", ["2024-04-29", "2024-05-06", "2024-07-29"]),
        ("month", ["2024-05-01", "2024-07-01"]),
        ("quarter", ["2024-04-01", "2024-07-01"]),
        ("year", ["2024-01-01"]),
    ],
)
async def test_grains(sales: Dataset, grain: str, firsts: list[str]) -> None:
    assert [row[0] for row in await sales.rows(group_by=[{"column": "Day", "grain": grain}])] == firsts


@pytest.mark.parametrize(
    ("column", "op", "value", "count"),
    [
        ("City", "eq", "Oslo", 2),
        ("City", "eq", 'O"slo; --', 1),
        ("City", "ne", "Oslo", 2),
        ("City", "contains", "OSLO", 2),
        ("City", "contains", "%", 0),
        ("City", "in", ["Riga", "Oslo"], 3),
        ("City", "gt", "Oslo", 1),
        ("Pieces", "gte", 2, 2),
        ("Pieces", "eq", "2", 1),
        ("Pieces", "ne", 2, 3),
        ("Pieces", "is_null", None, 1),
        ("Pieces", "is_null", False, 3),
        ("Price", "eq", Decimal("1.3"), 1),
        ("Price", "lt", Decimal("1.3"), 1),
        ("Price", "lte", "1.30", 2),
        ("Open", "eq", True, 2),
        ("Day", "gte", "2024-05-02", 2),
        ("Day", "lt", "2024-05-01T10:00:00", 1),
        ("Day", "in", ["2024-05-06 12:00"], 1),
    ],
)
async def test_filters(sales: Dataset, column: str, op: str, value: object, count: int) -> None:
    given = {"column": column, "op": op, "value": value}
    assert await sales.rows(table="Sales", measures=[{"op": "count"}], filters=[given]) == [[count]]


async def test_the_largest_come_first_and_the_rest_is_told_of(sales: Dataset) -> None:
    answer = await sales.ask(
        group_by=[{"column": "City"}],
        measures=[{"op": "sum", "column": "Price", "as": "total"}],
        order_by=[{"column": "total", "direction": "desc"}],
        limit=2,
    )
    assert answer == {
        "columns": [{"name": "City", "type": "text"}, {"name": "total", "type": "decimal"}],
        "rows": [['O"slo; --', Decimal("99.99")], ["Oslo", Decimal("3.25")]],
        "truncated": True,
    }


async def test_the_table_with_all_the_columns_is_asked(sales: Dataset) -> None:
    assert await sales.rows(measures=[{"op": "max", "column": "People"}]) == [[700]]
    with pytest.raises(InvalidQuery, match="Several tables"):
        await sales.ask(group_by=[{"column": "City"}])
    assert await sales.rows(tables=["Sales", "Cities"], measures=[{"op": "count"}], group_by=[{"column": "City"}]) == [
        ['O"slo; --', 1],
        ["Oslo", 3],
        ["Riga", 2],
    ]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"measures": [{"op": "sum", "column": "Nope"}]}, "no column 'Nope'. The columns are: Big price"),
        ({"table": "Nope", "measures": [{"op": "count"}]}, "no table 'Nope'"),
        ({"measures": [{"op": "sum", "column": "Open"}]}, "no numbers"),
        ({"measures": [{"op": "sum", "expression": {"multiply": ["Price", "Day"]}}]}, "expressions take numbers"),
        ({"group_by": [{"column": "Price", "grain": "day"}]}, "has no day"),
        ({"group_by": [{"column": "Price"}], "order_by": [{"column": "City"}]}, "no column 'City' to order by"),
        ({"group_by": [{"column": "Day"}], "filters": [{"column": "Day", "op": "eq", "value": "May"}]}, "compared"),
        ({"group_by": [{"column": "Price"}], "filters": [{"column": "Price", "op": "eq", "value": "x"}]}, "compared"),
        ({"group_by": [{"column": "Price"}], "filters": [{"column": "Price", "op": "eq"}]}, "is_null"),
        ({"group_by": [{"column": "Price"}], "filters": [{"column": "Price", "op": "in", "value": 1}]}, "a list"),
    ],
)
async def test_what_does_not_fit_the_dataset_is_told(sales: Dataset, query: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidQuery, match=reason):
        await sales.ask(**query)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"measures": [{"op": "sum"}]},
        {"measures": [{"op": "drop table", "column": "a"}]},
        {"measures": [{"op": "sum", "column": "a", "expression": {"add": ["a", 1]}}]},
        {"measures": [{"op": "sum", "expression": {"add": ["a", 1], "multiply": ["a", 1]}}]},
        {"measures": [{"op": "sum", "expression": {}}]},
        {"measures": [{"op": "sum", "expression": {"sql": ["1"]}}]},
        {"measures": [{"op": "sum", "column": "a"}, {"op": "sum", "column": "a"}]},
        {"group_by": [{"column": "a", "grain": "hour'"}]},
        {"measures": [{"op": "count"}], "limit": 0},
        {"measures": [{"op": "count"}], "surprise": 1},
    ],
)
def test_what_is_no_query_is_refused(query: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DatasetQuery.model_validate(query)


NAMES: Sequence[str] = ['a"b', "select", "x'; DROP TABLE t; --", "naïve ☂", "%s", "$1", "a\\b", "?"]


async def test_names_and_values_are_never_read_as_sql(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path, book([NAMES, [1] * len(NAMES), [2] * len(NAMES)]))
    for name in NAMES:
        rows = await dataset.rows(
            measures=[{"op": "sum", "column": name, "as": name + '" FROM (SELECT 1) --'}],
            filters=[{"column": name, "op": "gt", "value": 1}],
        )
        assert rows == [[2]]


async def test_the_engine_reaches_no_other_file(sales: Dataset) -> None:
    import duckdb

    for sql in ("SELECT * FROM read_text('/etc/hostname')", "SELECT * FROM glob('/*')", "SET threads = 99"):
        with pytest.raises(duckdb.Error, match=r"disabled|locked"):
            await query_run.run(Statement(sql, []), list(sales.files.values()), 1)


async def test_a_query_that_takes_too_long_is_stopped(sales: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_run, "SECONDS", 0.2)
    endless = Statement("SELECT count(*) FROM range(100000000) a, range(100000000) b", [])
    with pytest.raises(QueryTooHeavy):
        await query_run.run(endless, list(sales.files.values()), 1)
