"""What a person does on the deployed stack, over HTTP alone."""

import time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pandas as pd
import pytest

from tests.e2e.conftest import Visitor
from tests.e2e.deployed import Deployed

pytestmark = pytest.mark.xdist_group("deployed")

WORKBOOK = Path(__file__).parents[1] / "data" / "online-retail-ii-part.xlsx"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def post(api: httpx.Client, path: str, bearer: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    answer = api.post(path, json=body, headers={**bearer, "Idempotency-Key": str(uuid4())})
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json(parse_float=Decimal))


def test_registering_sends_a_letter(deployed: Deployed, ada: Visitor) -> None:
    """By the background function, which the request calls and does not wait for."""
    deadline = time.monotonic() + 60
    while ada.email not in (sent := httpx.get(f"{deployed.endpoint}/_ministack/ses/messages").text):
        assert time.monotonic() < deadline, sent[:1000]
        time.sleep(0.2)


def test_money_goes_from_one_person_to_another(deployed: Deployed, ada: Visitor, bob: Visitor) -> None:
    hers, his = ada.bearer(), bob.bearer()
    source = post(deployed.api, "/v1/money/accounts", hers, {"currency": "EUR"})["id"]
    target = post(deployed.api, "/v1/money/accounts", his, {"currency": "EUR"})["id"]
    post(deployed.api, "/v1/money/deposits", hers, {"account_id": source, "amount": 10_000, "currency": "EUR"})
    order = {"from_account_id": source, "to_account_id": target, "amount": 2_500, "currency": "EUR"}
    assert post(deployed.api, "/v1/money/transfers", hers, order)["balance_after"] == 7_500
    assert deployed.api.get(f"/v1/money/accounts/{target}", headers=his).json()["balance"] == 2_500
    summary = deployed.api.get(f"/v1/analytics/money/summary?account_id={source}", headers=hers).json()["items"]
    assert [(day["inflow"], day["outflow"], day["balance"]) for day in summary] == [(10_000, 2_500, 7_500)]


def test_a_post_is_read_by_everybody(deployed: Deployed, ada: Visitor) -> None:
    text = {"title": "Первая запись", "body": "Hello *world*", "tags": ["news"]}
    written = post(deployed.api, "/v1/posts", ada.bearer(), text)
    read = deployed.api.get(f"/v1/posts/{written['slug']}").json()
    assert (read["title"], read["author"]["display_name"]) == ("Первая запись", "Ada")
    assert written["id"] in [item["id"] for item in deployed.api.get("/v1/posts?tag=news").json()["items"]]


def test_a_workbook_becomes_figures_that_pandas_finds_too(deployed: Deployed, ada: Visitor) -> None:
    bearer = ada.bearer()
    order = {"filename": WORKBOOK.name, "size": WORKBOOK.stat().st_size}
    form = post(deployed.api, "/v1/analytics/uploads", bearer, order)
    file = {"file": (WORKBOOK.name, WORKBOOK.read_bytes(), XLSX)}
    assert httpx.post(form["url"], data=form["fields"], files=file).status_code in (200, 201, 204)
    upload = _wait(deployed.api, form["id"], bearer)
    assert (upload["rows_read"], upload["rows_refused"], upload["error"]) == (998, 0, None)
    question = {
        "measures": [{"op": "sum", "expression": {"multiply": ["Quantity", "Price"]}, "as": "revenue"}],
        "group_by": [{"column": "InvoiceDate", "grain": "month"}, {"column": "Country"}],
    }
    found = post(deployed.api, f"/v1/analytics/datasets/{upload['dataset_id']}/query", bearer, question)
    assert {(str(month)[:7], country): Decimal(revenue) for month, country, revenue in found["rows"]} == _by_pandas()


def _wait(api: httpx.Client, upload: str, bearer: dict[str, str]) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        read = api.get(f"/v1/analytics/uploads/{upload}", headers=bearer).json()
        if read["state"] in ("done", "failed"):
            return dict(read)
        time.sleep(0.2)
    raise AssertionError(f"still {read}")


def _by_pandas() -> dict[tuple[str, str], Decimal]:
    sheets = pd.read_excel(WORKBOOK, sheet_name=None, engine="openpyxl")
    rows = pd.concat(sheets.values(), ignore_index=True)
    exact = [Decimal(str(price)) * int(count) for price, count in zip(rows["Price"], rows["Quantity"], strict=True)]
    rows = rows.assign(revenue=pd.Series(exact), month=rows["InvoiceDate"].dt.strftime("%Y-%m"))
    return {(str(m), str(c)): sum(part["revenue"], Decimal()) for (m, c), part in rows.groupby(["month", "Country"])}
