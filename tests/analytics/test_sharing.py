"""Dashboards behind links."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from httpx import AsyncClient, Response

from tests.analytics.conftest import Uploader
from tests.analytics.test_dashboards import BY_CITY, DASHBOARDS, make, sales, widget  # noqa: F401 - a fixture
from tests.people import Person

SHARED = "/v1/analytics/shared"


async def share(person: Person, dashboard: str, **order: Any) -> dict[str, Any]:
    made = await person.post(f"{DASHBOARDS}/{dashboard}/shares", order)
    assert made.status_code == 201, made.text
    shared: dict[str, Any] = made.json()
    return shared


async def look(client: AsyncClient, token: str, path: str = "") -> Response:
    return await client.get(f"{SHARED}{path}", headers={"Share-Token": token})


@pytest.fixture
async def dashboard(ada: Person, sales: str) -> dict[str, Any]:  # noqa: F811 - the fixture
    return await make(ada, widgets=[widget(sales, **BY_CITY)])


async def test_whoever_has_the_link_sees_the_figures(
    client: AsyncClient, ada: Person, dashboard: dict[str, Any]
) -> None:
    link = await share(ada, dashboard["id"])
    assert link["url"] == f"http://localhost:8000/shared#token={link['token']}"
    shown = (await look(client, link["token"])).json()
    assert shown == {name: dashboard[name] for name in ("name", "widgets", "filters", "updated_at")}
    theirs = await look(client, link["token"], "/widgets/w/data")
    own = await ada.get(f"{DASHBOARDS}/{dashboard['id']}/widgets/w/data")
    assert theirs.content == own.content


async def test_no_more_is_shown_than_the_widgets_show(
    client: AsyncClient, ada: Person, dashboard: dict[str, Any]
) -> None:
    token = (await share(ada, dashboard["id"]))["token"]
    missing = await look(client, token, "/widgets/other/data")
    assert (missing.status_code, missing.json()["code"]) == (404, "WidgetNotFound")
    plain = await look(client, token, "/widgets/w/data")
    narrowed = await look(
        client, token, '/widgets/w/data?first=2030-01-01&filters=[{"column":"Shop","op":"eq","value":"A"}]'
    )
    assert narrowed.content == plain.content


async def test_a_link_ends_when_it_is_taken_back_out_of_date_or_its_owner_gone(
    client: AsyncClient, ada: Person, bob: Person, dashboard: dict[str, Any], owner_connection: psycopg.Connection
) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    links = [
        await share(ada, dashboard["id"]),
        await share(ada, dashboard["id"], expires_at=soon),
        await share(ada, dashboard["id"]),
    ]
    for link in links:
        assert (await look(client, link["token"], "/widgets/w/data")).status_code == 200
    path = f"{DASHBOARDS}/{dashboard['id']}/shares"
    assert [each["id"] for each in (await ada.get(path)).json()["items"]] == [link["id"] for link in links]
    assert "token" not in (await ada.get(path)).text
    assert (await bob.client.delete(f"{path}/{links[0]['id']}", headers=bob.auth)).status_code == 404
    assert (await ada.client.delete(f"{path}/{links[0]['id']}", headers=ada.auth)).status_code == 204
    await asyncio.sleep(1.1)
    for link in links[:2]:
        for part in ("", "/widgets/w/data"):
            refused = await look(client, link["token"], part)
            assert (refused.status_code, refused.json()["code"]) == (404, "ShareNotFound")
    assert (await look(client, links[2]["token"])).status_code == 200
    owner_connection.execute("UPDATE auth.users SET deleted_at = now() WHERE id = %s", [UUID(str(ada.id))])
    assert (await look(client, links[2]["token"])).status_code == 404


async def test_only_the_owner_shares(ada: Person, bob: Person, dashboard: dict[str, Any]) -> None:
    for name in (dashboard["id"], str(uuid4())):
        refused = await bob.post(f"{DASHBOARDS}/{name}/shares", {})
        assert (refused.status_code, refused.json()["code"]) == (404, "DashboardNotFound")
    assert (await bob.get(f"{DASHBOARDS}/{dashboard['id']}/shares")).status_code == 404
    past = await ada.post(f"{DASHBOARDS}/{dashboard['id']}/shares", {"expires_at": "2020-01-01T00:00:00Z"})
    assert (past.status_code, past.json()["code"]) == (422, "ExpiryInThePast")
    for _ in range(20):
        await share(ada, dashboard["id"])
    many = await ada.post(f"{DASHBOARDS}/{dashboard['id']}/shares", {})
    assert (many.status_code, many.json()["code"]) == (409, "TooManyShares")


@pytest.mark.parametrize("token", ["", "x", "ü", "x" * 201, "' OR 1=1 --"])
async def test_what_is_no_token_leads_nowhere(client: AsyncClient, uploader: Uploader, token: str) -> None:
    answer = await client.get(SHARED, headers={b"Share-Token": token.encode()})
    assert answer.status_code in (404, 422)
    assert (await client.get(SHARED)).status_code == 422


async def test_a_link_that_goes_round_costs_one_query(
    client: AsyncClient, ada: Person, dashboard: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from analytics import query_run

    runs = 0
    fetch = query_run.fetch

    async def counted(*given: Any) -> Any:
        nonlocal runs
        runs += 1
        return await fetch(*given)

    monkeypatch.setattr(query_run, "fetch", counted)
    token = (await share(ada, dashboard["id"]))["token"]
    answers = await asyncio.gather(*(look(client, token, "/widgets/w/data") for _ in range(30)))
    assert {answer.status_code for answer in answers} == {200}
    assert runs == 1
