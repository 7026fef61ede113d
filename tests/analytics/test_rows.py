"""Rows as they stand in a table."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from httpx import Response

from tests.analytics.books import book
from tests.analytics.conftest import Uploader
from tests.people import Person

# ruff: noqa: DTZ001 - a workbook knows no time zones

SALES: list[list[Any]] = [
    ["Day", "City", "Price", "Paid", "Moment"],
    [date(2024, 5, 1), "Oslo", 1.25, True, datetime(2024, 5, 1, 9, 30)],
    [date(2024, 5, 2), "Riga", 0.1, False, datetime(2024, 5, 2, 9, 30)],
    [date(2024, 5, 2), None, 123456789012.75, True, None],
    [date(2024, 5, 4), "Oslo", 1.25, None, datetime(2024, 5, 1, 9, 30)],
    [date(2024, 5, 5), 'O"slo; --', None, True, datetime(2024, 5, 5, 9, 30)],
]


class Rows:
    """Of one dataset, for its owner."""

    def __init__(self, person: Person, identifier: str) -> None:
        self._person, self.path = person, f"/v1/analytics/datasets/{identifier}/rows"

    async def ask(self, **query: Any) -> Response:
        if "filters" in query:
            query["filters"] = json.dumps(query["filters"])
        return await self._person.get(self.path, params=query)

    async def read(self, **query: Any) -> dict[str, Any]:
        answer = await self.ask(**query)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = json.loads(answer.content, parse_float=Decimal)
        return page

    async def numbers(self, **query: Any) -> list[int]:
        """The rows' own numbers on their sheet, over all pages."""
        seen: list[int] = []
        while True:
            page = await self.read(**query)
            at = [column["name"] for column in page["columns"]].index("_row")
            seen += [row[at] for row in page["rows"]]
            if page["next_cursor"] is None:
                return seen
            assert len(page["rows"]) == query.get("limit", 100)
            query["cursor"] = page["next_cursor"]


@pytest.fixture
async def sales(ada: Person, uploader: Uploader) -> Rows:
    return Rows(ada, (await uploader.dataset(ada, book(SALES)))["id"])


async def test_rows_stand_as_in_the_workbook_and_amounts_are_exact(sales: Rows) -> None:
    page = await sales.read()
    assert [column["name"] for column in page["columns"]] == ["_row", *SALES[0]]
    assert [column["type"] for column in page["columns"]] == [
        "integer",
        "date",
        "text",
        "decimal",
        "boolean",
        "datetime",
    ]
    assert page["rows"][0] == [2, "2024-05-01", "Oslo", Decimal("1.25"), True, "2024-05-01T09:30:00"]
    assert page["rows"][2] == [4, "2024-05-02", None, Decimal("123456789012.75"), True, None]
    assert page["next_cursor"] is None


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (None, [2, 3, 4, 5, 6]),
        ("Day", [2, 3, 4, 5, 6]),
        ("-Day", [6, 5, 3, 4, 2]),
        ("City", [6, 2, 5, 3, 4]),
        ("-City", [3, 2, 5, 6, 4]),
        ("Price", [3, 2, 5, 4, 6]),
        ("-Price", [4, 2, 5, 3, 6]),
        ("Paid", [3, 2, 4, 6, 5]),
        ("-Paid", [2, 4, 6, 3, 5]),
        ("Moment", [2, 5, 3, 6, 4]),
        ("-Moment", [6, 3, 2, 5, 4]),
    ],
)
async def test_sorted_pages_have_no_gap_and_blanks_come_last(
    sales: Rows, sort: str | None, expected: list[int], limit: int
) -> None:
    assert await sales.numbers(limit=limit, **({"sort": sort} if sort else {})) == expected


async def test_filters_and_columns(sales: Rows) -> None:
    riga = [{"column": "City", "op": "eq", "value": "Riga"}]
    assert await sales.numbers(filters=riga) == [3]
    dear = [{"column": "Price", "op": "gte", "value": "1.25"}, {"column": "Paid", "op": "is_null", "value": False}]
    assert await sales.numbers(filters=dear) == [2, 4]
    page = await sales.read(columns=["Price", "Day"], limit=1)
    assert page["rows"] == [[2, Decimal("1.25"), "2024-05-01"]]


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "Nothing"},
        {"columns": ["Nothing"]},
        {"table": "Nothing"},
        {"filters": [{"column": "Nothing", "op": "eq", "value": 1}]},
        {"filters": [{"column": "Price", "op": "eq", "value": "many"}]},
        {"filters": {"column": "Price"}},
        {"filters": [{"column": "Price", "op": "like", "value": 1}]},
        {"limit": 0},
        {"limit": 501},
    ],
)
async def test_what_cannot_be_asked_is_told_so(sales: Rows, query: dict[str, Any]) -> None:
    refused = await sales.ask(**query)
    assert (refused.status_code, refused.json()["code"]) in [(422, "InvalidQuery"), (422, "MalformedRequest")]


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMl0", "WyJhIiwtMV0", "WyJhIiwxXQ"])
async def test_what_is_no_cursor_of_this_list_is_told_so(sales: Rows, cursor: str) -> None:
    refused = await sales.ask(cursor=cursor, sort="Day")
    assert refused.status_code in (400, 422), refused.text


async def test_of_several_sheets_each_row_says_where_it_stands(ada: Person, uploader: Uploader) -> None:
    content = book(SALES, SALES[:3], names=("All", "More"))
    rows = Rows(ada, (await uploader.dataset(ada, content))["id"])
    page = await rows.read()
    assert [column["name"] for column in page["columns"]][:2] == ["_sheet", "_row"]
    assert [row[:2] for row in page["rows"]] == [*(["All", n] for n in range(2, 7)), ["More", 2], ["More", 3]]


async def test_others_rows_are_not_there(bob: Person, sales: Rows) -> None:
    assert (await bob.get(sales.path)).status_code == 404
