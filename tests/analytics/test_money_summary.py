from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from common.db import transaction
from tests.people import Person

SUMMARY = "/v1/analytics/money/summary"


async def test_a_day_shows_what_came_in_and_went_out(ada: Person, bob: Person) -> None:
    mine, other = await ada.account(500), await ada.account(70, "USD")
    order = {"from_account_id": mine, "to_account_id": await bob.account(), "amount": 120, "currency": "EUR"}
    assert (await ada.post("/v1/money/transfers", order)).status_code == 201
    today = datetime.now(UTC).date().isoformat()
    euro = {"day": today, "currency": "EUR", "exponent": 2, "inflow": 500, "outflow": 120, "balance": 380}
    dollar = {"day": today, "currency": "USD", "exponent": 2, "inflow": 70, "outflow": 0, "balance": 70}
    assert (await ada.get(SUMMARY)).json() == {"items": [euro, dollar]}
    assert (await ada.get(SUMMARY, params={"account_id": other})).json() == {"items": [dollar]}


async def test_anothers_account_shows_nothing(ada: Person, bob: Person) -> None:
    account = await ada.account(500)
    assert (await bob.get(SUMMARY, params={"account_id": account})).json() == {"items": []}


async def test_a_period_that_ends_before_it_begins_is_refused(ada: Person) -> None:
    response = await ada.get(SUMMARY, params={"from": "2024-05-02", "to": "2024-05-01"})
    assert (response.status_code, response.json()["code"]) == (422, "InvalidPeriod")


async def test_days_outside_of_the_period_are_not_shown(ada: Person) -> None:
    await ada.account(500)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    response = await ada.get(SUMMARY, params={"from": yesterday, "to": yesterday})
    assert response.json() == {"items": []}


@pytest.mark.parametrize("table", ["entries", "accounts", "transactions"])
async def test_analytics_cannot_read_the_ledger_itself(table: str, loop_of_the_run: None) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with transaction("analytics") as session:
            await session.execute(text(f"SELECT 1 FROM money.{table} LIMIT 1"))
