"""Dashboards as letters: when they come, what they say, and to whom."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from analytics import background, query_run, report_letters
from analytics.report_plans import next_due
from analytics.report_schemas import ReportPlan
from common.storage import StorageUnavailable
from tests.analytics.books import book
from tests.analytics.conftest import Uploader
from tests.analytics.test_dashboards import BY_CITY, DASHBOARDS, SALES, make, widget
from tests.people import Person


@pytest.fixture
async def dashboard(ada: Person, uploader: Uploader) -> dict[str, Any]:
    dataset = (await uploader.dataset(ada, book(SALES), "Sales.xlsx"))["id"]
    return await make(ada, name="Sales <b>of</b> {the} year", widgets=[widget(dataset, **BY_CITY)])


async def planned(person: Person, dashboard: dict[str, Any], **plan: Any) -> dict[str, Any]:
    path = f"{DASHBOARDS}/{dashboard['id']}/report"
    answer = await person.client.put(path, json=plan, headers=person.auth)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def letters(connection: psycopg.Connection, person: Person) -> list[tuple[str, str, str]]:
    query = """SELECT m.subject, m.text, m.html FROM auth.mails AS m JOIN auth.users AS u ON u.email = m.recipient
        WHERE u.id = %s AND m.subject LIKE '%%report%%' ORDER BY m.id"""
    return connection.execute(query, [person.id]).fetchall()


def make_due(connection: psycopg.Connection, dashboard: dict[str, Any]) -> None:
    connection.execute(
        "UPDATE analytics.reports SET due_at = now() - interval '1 hour' WHERE dashboard_id = %s", [dashboard["id"]]
    )
    connection.commit()


@pytest.mark.parametrize(
    ("plan", "after", "due"),
    [
        ({"every": "day", "hour": 8}, "2024-05-01T07:59:59", "2024-05-01T08:00:00"),
        ({"every": "day", "hour": 8}, "2024-05-01T08:00:00", "2024-05-02T08:00:00"),
        ({"every": "week", "weekday": 1, "hour": 0}, "2024-05-01T00:00:00", "2024-05-06T00:00:00"),
        ({"every": "month", "day": 28, "hour": 23}, "2024-02-28T23:00:00", "2024-03-28T23:00:00"),
        # Summer time begins on 31 March: eight by the clocks of Riga is another moment from then on.
        ({"every": "day", "hour": 8, "time_zone": "Europe/Riga"}, "2024-03-30T00:00:00", "2024-03-30T06:00:00"),
        ({"every": "day", "hour": 8, "time_zone": "Europe/Riga"}, "2024-03-30T06:00:00", "2024-03-31T05:00:00"),
        ({"every": "day", "hour": 1, "time_zone": "Asia/Tokyo"}, "2024-05-01T15:00:00", "2024-05-01T16:00:00"),
    ],
)
def test_the_next_letter_is_due_by_the_clocks_of_the_zone(plan: dict[str, Any], after: str, due: str) -> None:
    moment = next_due(ReportPlan(**plan), datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert moment == datetime.fromisoformat(due).replace(tzinfo=UTC)


async def test_a_plan_is_made_changed_and_cancelled(ada: Person, bob: Person, dashboard: dict[str, Any]) -> None:
    path = f"{DASHBOARDS}/{dashboard['id']}/report"
    assert (await ada.get(path)).json()["code"] == "ReportNotFound"
    first = await planned(ada, dashboard, every="week", weekday=5, hour=9, time_zone="Europe/Riga")
    assert (first["every"], first["weekday"], first["sent_at"]) == ("week", 5, None)
    second = await planned(ada, dashboard, every="day")
    assert (await ada.get(path)).json() == second
    assert datetime.fromisoformat(second["due_at"]) - datetime.now(UTC) <= timedelta(days=1)
    for wrong in ({"every": "hour"}, {"every": "day", "time_zone": "Mars/Olympus"}, {"every": "month", "day": 31}):
        assert (await ada.client.put(path, json=wrong, headers=ada.auth)).status_code == 422
    assert (await bob.client.put(path, json={"every": "day"}, headers=bob.auth)).json()["code"] == "DashboardNotFound"
    assert (await bob.get(path)).status_code == 404
    assert (await ada.client.delete(path, headers=ada.auth)).status_code == 204
    assert (await ada.client.delete(path, headers=ada.auth)).json()["code"] == "ReportNotFound"


async def test_a_letter_has_the_figures_and_comes_once(
    ada: Person, dashboard: dict[str, Any], owner_connection: psycopg.Connection
) -> None:
    await planned(ada, dashboard, every="day")
    await background.run_due()
    assert letters(owner_connection, ada) == []
    make_due(owner_connection, dashboard)
    for _ in range(2):
        await background.run_due()
    ((subject, plain, marked),) = letters(owner_connection, ada)
    assert subject == "Your report: Sales <b>of</b> {the} year"
    assert f"/dashboards/{dashboard['id']}" in plain
    data = (await ada.get(f"{DASHBOARDS}/{dashboard['id']}/widgets/w/data")).json()["series"][0]["rows"]
    for city, total in data:
        assert any(line.split() == [city, str(total)] for line in plain.splitlines()), (city, total)
        assert f">{city}</td>" in marked
    assert "&lt;b&gt;" in marked
    assert "<b>" not in marked
    shown = (await ada.get(f"{DASHBOARDS}/{dashboard['id']}/report")).json()
    assert shown["sent_at"] is not None
    assert datetime.fromisoformat(shown["due_at"]) > datetime.now(UTC)


async def test_what_is_gone_is_said_and_does_not_hold_up_the_rest(
    ada: Person, dashboard: dict[str, Any], owner_connection: psycopg.Connection
) -> None:
    series = dashboard["widgets"][0]["series"][0]["dataset"]["dataset_id"]
    await planned(ada, dashboard, every="day")
    assert (await ada.client.delete(f"/v1/analytics/datasets/{series}", headers=ada.auth)).status_code == 204
    make_due(owner_connection, dashboard)
    await background.run_due()
    ((_, plain, _),) = letters(owner_connection, ada)
    assert "cannot be shown any more" in plain


async def test_while_the_store_is_down_the_letter_waits(
    ada: Person, dashboard: dict[str, Any], owner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await planned(ada, dashboard, every="day")
    make_due(owner_connection, dashboard)

    async def down(*_args: Any) -> Any:
        raise StorageUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(query_run, "fetch", down)
        assert await report_letters.write_due() == 0
    assert letters(owner_connection, ada) == []
    assert await report_letters.write_due() == 0  # not at once
    make_due(owner_connection, dashboard)
    assert await report_letters.write_due() == 1
    assert len(letters(owner_connection, ada)) == 1


async def test_nobody_without_a_confirmed_address_is_written_to(
    ada: Person, dashboard: dict[str, Any], owner_connection: psycopg.Connection
) -> None:
    await planned(ada, dashboard, every="day")
    owner_connection.execute("UPDATE auth.users SET email_verified_at = NULL WHERE id = %s", [ada.id])
    make_due(owner_connection, dashboard)
    assert await report_letters.write_due() == 1
    assert letters(owner_connection, ada) == []
