"""Dashboards: made by themselves, arranged by people, and the same figures on the page and in every file."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import openpyxl
import pytest

from tests.analytics.books import book
from tests.analytics.conftest import Uploader
from tests.people import Person

DASHBOARDS = "/v1/analytics/dashboards"
SALES: list[list[Any]] = [
    ["Day", "City", "Shop", "Amount"],
    *[
        [date(2024, month, day), city, shop, Decimal(n) / 100]
        for n, (month, day, city, shop) in enumerate(
            ((m, d, c, s) for m in (5, 6, 7) for d in (1, 15) for c in ("Oslo", "Riga", "Tula") for s in ("A", "@B")),
            start=101,
        )
    ],
]
PLACE = {"x": 0, "y": 0, "w": 6, "h": 4}


async def make(person: Person, **order: Any) -> dict[str, Any]:
    made = await person.post(DASHBOARDS, {"name": "Sales", **order})
    assert made.status_code == 201, made.text
    dashboard: dict[str, Any] = made.json()
    return dashboard


def widget(dataset: str, kind: str = "bar", identifier: str = "w", **query: Any) -> dict[str, Any]:
    series = {"dataset": {"dataset_id": dataset, "query": query, "time_column": "Day"}}
    return {"id": identifier, "title": "By city", "kind": kind, "place": PLACE, "series": [series]}


BY_CITY: dict[str, Any] = {
    "measures": [{"op": "sum", "column": "Amount", "as": "total"}],
    "group_by": [{"column": "City"}],
    "order_by": [{"column": "City"}],
}


async def figures(person: Person, dashboard: dict[str, Any], identifier: str = "w", **query: Any) -> dict[str, Any]:
    answer = await person.get(f"{DASHBOARDS}/{dashboard['id']}/widgets/{identifier}/data", params=query)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = json.loads(answer.content, parse_float=Decimal)
    return data


@pytest.fixture
async def sales(ada: Person, uploader: Uploader) -> str:
    return str((await uploader.dataset(ada, book(SALES), "Sales.xlsx"))["id"])


async def test_every_new_dataset_has_a_dashboard_whose_widgets_all_have_figures(ada: Person, sales: str) -> None:
    (made,) = (await ada.get(DASHBOARDS)).json()["items"]
    assert (made["name"], made["dataset_id"]) == ("Sales", sales)
    dashboard = (await ada.get(f"{DASHBOARDS}/{made['id']}")).json()
    kinds = [each["kind"] for each in dashboard["widgets"]]
    assert kinds == ["number", "number", "line", "bar", "bar", "table"]
    for each in dashboard["widgets"]:
        data = await figures(ada, dashboard, each["id"])
        assert data["series"][0]["rows"] != [], each
    total = await figures(ada, dashboard, "number-2")
    assert total["series"][0]["rows"] == [[sum(row[3] for row in SALES[1:])]]
    course = await figures(ada, dashboard, "time")
    assert [row[0] for row in course["series"][0]["rows"]] == ["2024-05-01", "2024-06-01", "2024-07-01"]


@pytest.mark.parametrize(
    "rows",
    [
        [["a"], ["x"], ["y"]],
        [["n", "m"], [1, 2], [3, 4]],
        [["When"], [date(2024, 1, 1)], [date(2024, 1, 2)]],
        [["_", "value"], ["x", 1], ["y", 2], ["x", 3]],
        [['a "quoted" name; --', "=SUM(A1)"], ["x", 1.5], ["y", 2.5], ["x", 3]],
    ],
)
async def test_a_dataset_of_any_shape_has_one_that_works(ada: Person, uploader: Uploader, rows: list[Any]) -> None:
    await uploader.dataset(ada, book(rows))
    (made,) = (await ada.get(DASHBOARDS)).json()["items"]
    dashboard = (await ada.get(f"{DASHBOARDS}/{made['id']}")).json()
    assert dashboard["widgets"] != []
    for each in dashboard["widgets"]:
        await figures(ada, dashboard, each["id"])
    assert (await ada.get(f"{DASHBOARDS}/{made['id']}/export.xlsx")).status_code == 200


async def test_a_dashboard_is_arranged_read_changed_and_deleted(ada: Person, bob: Person, sales: str) -> None:
    constant = {"op": "sum", "expression": {"multiply": ["Amount", 1.25]}, "as": "dear"}
    arranged = widget(sales, measures=[constant], group_by=[{"column": "City"}])
    dashboard = await make(ada, widgets=[arranged])
    path = f"{DASHBOARDS}/{dashboard['id']}"
    answer = await ada.get(path)
    assert answer.json() == dashboard
    first = await figures(ada, dashboard)
    assert first["series"][0]["rows"][0][1] == sum(row[3] for row in SALES[1:] if row[1] == "Oslo") * Decimal("1.25")
    changed = await ada.client.patch(
        path, json={"name": "Ours"}, headers=ada.auth | {"If-Match": answer.headers["etag"]}
    )
    assert (changed.json()["name"], changed.json()["version"], changed.json()["widgets"]) == (
        "Ours",
        2,
        dashboard["widgets"],
    )
    late = await ada.client.patch(path, json={"name": "x"}, headers=ada.auth | {"If-Match": answer.headers["etag"]})
    assert (late.status_code, late.json()["code"]) == (412, "DashboardChanged")
    for refused in (
        await bob.get(path),
        await bob.get(f"{path}/widgets/w/data"),
        await bob.get(f"{path}/export.xlsx"),
        await bob.client.patch(path, json={"name": "x"}, headers=bob.auth),
        await bob.client.delete(path, headers=bob.auth),
    ):
        assert (refused.status_code, refused.json()["code"]) == (404, "DashboardNotFound")
    assert (await ada.client.delete(path, headers=ada.auth)).status_code == 204
    assert (await ada.get(path)).status_code == 404


async def test_what_cannot_be_arranged_is_told_so(ada: Person, bob: Person, sales: str) -> None:
    good = widget(sales, **BY_CITY)
    for widgets in (
        [good, good],
        [good | {"place": PLACE | {"x": 7}}],
        [good | {"kind": "cloud"}],
        [good | {"series": []}],
        [good | {"series": [{}]}],
        [good | {"id": "A b"}],
    ):
        refused = await ada.post(DASHBOARDS, {"name": "x", "widgets": widgets})
        assert refused.status_code == 422, widgets
    for who, dataset in ((bob, sales), (ada, str(uuid4()))):
        refused = await who.post(DASHBOARDS, {"name": "x", "widgets": [widget(dataset, **BY_CITY)]})
        assert (refused.status_code, refused.json()["code"]) == (422, "UnknownDataset")


async def test_filters_of_the_dashboard_and_of_the_moment_apply_to_all_widgets(ada: Person, sales: str) -> None:
    riga = {"column": "city", "op": "ne", "value": "Riga"}
    elsewhere = {"column": "Nothing", "op": "eq", "value": 1}
    filters = {"first": "2024-06-01", "last": "2024-06-30", "columns": [riga, elsewhere]}
    dashboard = await make(ada, widgets=[widget(sales, **BY_CITY)], filters=filters)

    def total(city: str, *months: int) -> Decimal:
        return sum((row[3] for row in SALES[1:] if row[1] == city and row[0].month in months), Decimal(0))

    shown = await figures(ada, dashboard)
    assert shown["series"][0]["rows"] == [["Oslo", total("Oslo", 6)], ["Tula", total("Tula", 6)]]
    drilled = json.dumps([{"column": "City", "op": "eq", "value": "Tula"}])
    shown = await figures(ada, dashboard, first="2024-06-01", last="2024-07-31", filters=drilled)
    assert shown["series"][0]["rows"] == [["Tula", total("Tula", 6, 7)]]
    backwards = await ada.get(f"{DASHBOARDS}/{dashboard['id']}/widgets/w/data", params={"first": "2024-07-01"})
    assert (backwards.status_code, backwards.json()["code"]) == (422, "InvalidPeriod")


async def test_a_number_has_the_period_before_beside_it(ada: Person, sales: str) -> None:
    count = widget(sales, "number", measures=[{"op": "count", "as": "n"}])
    dashboard = await make(ada, widgets=[count], filters={"first": "2024-06-15", "last": "2024-07-31", "columns": []})
    data = await figures(ada, dashboard)
    assert (data["series"][0]["rows"], data["previous"][0]["rows"]) == ([[18]], [[18]])
    assert (await figures(ada, await make(ada, widgets=[count])))["previous"] is None


async def test_money_and_a_workbook_stand_on_one_time_axis(ada: Person, bob: Person, sales: str) -> None:
    account = await ada.account(1250)
    order = {"from_account_id": account, "to_account_id": await bob.account(), "amount": 50, "currency": "EUR"}
    assert (await ada.post("/v1/money/transfers", order)).status_code == 201
    both = widget(
        sales, "line", measures=[{"op": "sum", "column": "Amount"}], group_by=[{"column": "Day", "grain": "month"}]
    )
    both["series"] += [
        {"title": "Money", "money": {"flow": flow, "every": "day"}} for flow in ("net", "outflow", "balance")
    ]
    dashboard = await make(ada, widgets=[both])
    data = await figures(ada, dashboard)
    assert [series["title"] for series in data["series"]] == ["By city", "Money", "Money", "Money"]
    today = datetime.now(UTC).date().isoformat()
    money = [series["rows"] for series in data["series"][1:]]
    assert money == [[[today, "EUR", 2, amount]] for amount in (1200, 50, 1200)]
    exported = await ada.get(f"{DASHBOARDS}/{dashboard['id']}/widgets/w/export.csv")
    assert f"{today},EUR,12.00" in exported.text
    past = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()
    data = await figures(ada, dashboard, first="2024-01-01", last=past)
    assert [series["rows"] for series in data["series"][1:]] == [[], [], []]


async def test_the_page_the_csv_and_the_workbook_agree_to_the_last_digit(ada: Person, uploader: Uploader) -> None:
    rows: list[list[Any]] = [
        ["City", "Amount"],
        ["Oslo", 0.1],
        ["Oslo", 0.2],
        ["Riga", 123456789012.75],
        ["@x; -y", 1e-2],
        ["Tula", 99999.99],
    ]
    dataset = (await uploader.dataset(ada, book(rows)))["id"]
    dashboard = await make(ada, widgets=[widget(dataset, **BY_CITY)])
    path = f"{DASHBOARDS}/{dashboard['id']}"
    shown = [(row[0], row[1]) for row in (await figures(ada, dashboard))["series"][0]["rows"]]
    assert dict(shown)["Oslo"] == Decimal("0.3")

    answer = await ada.get(f"{path}/widgets/w/export.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0] == ["City", "total"]
    assert [(name.replace("'", ""), Decimal(amount)) for name, amount in lines[1:]] == shown
    assert any(name.startswith("'@") for name, _ in lines[1:])

    answer = await ada.get(f"{path}/export.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    cells = [(row[0].value, row[1].value, row[0].data_type) for row in sheet.iter_rows(min_row=5)]
    assert [(name, Decimal(repr(amount))) for name, amount, _ in cells] == shown
    assert {kind for *_, kind in cells} == {"s"}
    assert len(vars(sheet)["_charts"]) == 1


async def test_exports_name_the_filters_in_force(ada: Person, sales: str) -> None:
    filters = {
        "first": "2024-06-01",
        "last": "2024-06-30",
        "columns": [{"column": "City", "op": "ne", "value": "Riga"}],
    }
    dashboard = await make(ada, widgets=[widget(sales, **BY_CITY)], filters=filters)
    path = f"{DASHBOARDS}/{dashboard['id']}"
    text = (await ada.get(f"{path}/widgets/w/export.csv")).text
    assert all(part in text for part in ("from,2024-06-01", "to,2024-06-30", "City,ne,Riga"))
    sheet = openpyxl.load_workbook(io.BytesIO((await ada.get(f"{path}/export.xlsx")).content)).worksheets[0]
    assert [cell.value for cell in sheet[2] if cell.value] == [
        "from",
        "2024-06-01",
        "to",
        "2024-06-30",
        "City",
        "ne",
        "Riga",
    ]


async def test_what_was_made_for_a_dataset_goes_with_it_and_other_widgets_say_that_it_is_gone(
    ada: Person, sales: str
) -> None:
    dashboard = await make(ada, widgets=[widget(sales, **BY_CITY)])
    assert (await ada.client.delete(f"/v1/analytics/datasets/{sales}", headers=ada.auth)).status_code == 204
    assert [each["id"] for each in (await ada.get(DASHBOARDS)).json()["items"]] == [dashboard["id"]]
    gone = await ada.get(f"{DASHBOARDS}/{dashboard['id']}/widgets/w/data")
    assert (gone.status_code, gone.json()["code"]) == (404, "DatasetNotFound")
    missing = await ada.get(f"{DASHBOARDS}/{dashboard['id']}/widgets/nothing/data")
    assert (missing.status_code, missing.json()["code"]) == (404, "WidgetNotFound")
