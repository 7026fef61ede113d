"""The whole way with a real workbook: upload, event, dataset, question; compared with pandas reading the same file."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from tests.analytics.conftest import DATA, Uploader
from tests.people import Person

WORKBOOK = DATA / "online-retail-ii-part.xlsx"
REVENUE = {
    "measures": [{"op": "sum", "expression": {"multiply": ["Quantity", "Price"]}, "as": "revenue"}],
    "group_by": [{"column": "InvoiceDate", "grain": "day"}, {"column": "Country"}],
}


def _with_pandas() -> dict[tuple[str, str], Decimal]:
    sheets = pd.read_excel(WORKBOOK, sheet_name=None, engine="openpyxl")
    rows = pd.concat(sheets.values(), ignore_index=True)
    rows["day"] = rows["InvoiceDate"].dt.strftime("%Y-%m-%d")
    revenue: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for day, country, price, quantity in rows[["day", "Country", "Price", "Quantity"]].itertuples(index=False):
        revenue[day, country] += Decimal(repr(float(price))) * int(quantity)
    return revenue


@pytest.fixture
async def dataset(ada: Person, uploader: Uploader) -> dict[str, Any]:
    return await uploader.dataset(ada, WORKBOOK.read_bytes(), "Online Retail II.xlsx")


async def test_revenue_by_day_and_country_over_both_sheets_is_what_pandas_finds(
    ada: Person, dataset: dict[str, Any]
) -> None:
    response = await ada.post(f"/v1/analytics/datasets/{dataset['id']}/query", REVENUE)
    assert response.status_code == 200, response.text
    result = response.json(parse_float=Decimal)
    assert result["columns"] == [
        {"name": "InvoiceDate", "type": "date"},
        {"name": "Country", "type": "text"},
        {"name": "revenue", "type": "decimal"},
    ]
    found = {(day, country): Decimal(revenue) for day, country, revenue in result["rows"]}
    assert len(found) == 10
    assert found == _with_pandas()
    assert result["truncated"] is False


async def test_the_two_sheets_are_one_table_with_every_row(dataset: dict[str, Any]) -> None:
    (table,) = dataset["tables"]
    assert table["sheets"] == ["Year 2009-2010", "Year 2010-2011"]
    assert (table["rows"], table["rows_refused"], dataset["problems_count"]) == (998, 0, 0)
    assert {column["name"]: column["type"] for column in table["columns"]} == {
        "Invoice": "text",
        "StockCode": "text",
        "Description": "text",
        "Quantity": "integer",
        "InvoiceDate": "datetime",
        "Price": "decimal",
        "Customer ID": "integer",
        "Country": "text",
        "_sheet": "text",
    }


async def test_invoices_keep_their_letters_and_gain_no_decimal_point(ada: Person, dataset: dict[str, Any]) -> None:
    query = {"measures": [{"op": "count"}], "group_by": [{"column": "Invoice"}]}
    result = (await ada.post(f"/v1/analytics/datasets/{dataset['id']}/query", query)).json()
    invoices = {row[0] for row in result["rows"]}
    sheets = pd.read_excel(WORKBOOK, sheet_name=None, engine="openpyxl", dtype={"Invoice": str})
    assert invoices == {invoice for sheet in sheets.values() for invoice in sheet["Invoice"]}
    assert {"489434", "C489449"} <= invoices


async def test_a_sheets_name_asks_for_its_rows_only(ada: Person, dataset: dict[str, Any]) -> None:
    query = {"table": "Year 2009-2010", "measures": [{"op": "count", "as": "n"}, {"op": "sum", "column": "Quantity"}]}
    result = (await ada.post(f"/v1/analytics/datasets/{dataset['id']}/query", query)).json()
    sheet = pd.read_excel(WORKBOOK, sheet_name="Year 2009-2010", engine="openpyxl")
    assert result["rows"] == [[len(sheet), int(sheet["Quantity"].sum())]]


async def test_the_profile_says_what_pandas_says(dataset: dict[str, Any]) -> None:
    rows = pd.concat(pd.read_excel(WORKBOOK, sheet_name=None, engine="openpyxl").values(), ignore_index=True)
    profiles = {column["name"]: column["profile"] for column in dataset["tables"][0]["columns"]}
    price = profiles["Price"]
    assert price["count"] == len(rows)
    assert (price["min"], price["max"]) == (rows["Price"].min(), rows["Price"].max())
    assert price["mean"] == pytest.approx(rows["Price"].mean())
    assert price["quantiles"]["0.5"] == rows["Price"].median()
    assert sum(part["count"] for part in price["histogram"]) == len(rows)
    assert profiles["Customer ID"]["nulls"] == int(rows["Customer ID"].isna().sum())
    assert profiles["Country"]["top"][0] == {
        "value": rows["Country"].mode()[0],
        "count": int(rows["Country"].value_counts().max()),
    }
