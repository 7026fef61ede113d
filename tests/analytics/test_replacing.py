"""Next month's workbook in the place of this month's: what stands on the dataset goes on."""

from typing import Any

import pytest

from analytics import object_store
from analytics.publishing import ReadMeanwhile
from analytics.upload_handler import process
from tests.analytics.books import book
from tests.analytics.conftest import Queue, Uploader
from tests.analytics.test_correcting import DATASETS, column, corrected, shown
from tests.analytics.test_dashboards import BY_CITY, DASHBOARDS, figures, make, widget
from tests.people import Person

MAY: list[list[Any]] = [["City", "Amount", "Member"], ["Oslo", 1, "001"], ["Riga", 2, "002"]]
JUNE: list[list[Any]] = [["Amount", "Member", "City"], [10, "003", "Oslo"], [20.5, "004", "Tula"], [5, "005", "Oslo"]]


async def sums(person: Person, dashboard: dict[str, Any]) -> list[Any]:
    rows: list[Any] = (await figures(person, dashboard))["series"][0]["rows"]
    return rows


async def test_dashboards_shares_and_what_was_told_go_on(ada: Person, uploader: Uploader, queue: Queue) -> None:
    dataset = await uploader.dataset(ada, book(MAY, names=["May"]), "May.xlsx")
    query = BY_CITY | {"table": "May"}
    dashboard = await make(ada, widgets=[widget(dataset["id"], **query)])
    assert await sums(ada, dashboard) == [["Oslo", 1], ["Riga", 2]]
    await corrected(ada, dataset, "Member", type="integer", title="No.")
    await queue.work()
    done = await uploader.upload(ada, book(JUNE, names=["June"]), "June.xlsx", replaces=dataset["id"])
    assert (done["state"], done["dataset_id"], done["rows_read"]) == ("done", dataset["id"], 3)
    assert await sums(ada, dashboard) == [["Oslo", 15], ["Tula", 20.5]]
    now = await shown(ada, dataset)
    assert (now["name"], now["upload_id"], now["reading"]) == ("May", done["id"], False)
    assert [table["name"] for table in now["tables"]] == ["May"]
    told = column(now, "Member")
    assert (told["type"], told["title"], told["told"]) == ("integer", "No.", True)
    before = await uploader.read(ada, dataset["upload_id"])
    assert (before["state"], before["dataset_id"]) == ("done", None)
    assert [each["id"] for each in (await ada.get(DATASETS)).json()["items"]] == [dataset["id"]]


async def test_a_workbook_that_cannot_be_read_replaces_nothing(ada: Person, uploader: Uploader) -> None:
    dataset = await uploader.dataset(ada, book(MAY))
    failed = await uploader.upload(ada, b"no workbook", replaces=dataset["id"])
    assert (failed["state"], failed["dataset_id"]) == ("failed", None)
    assert await shown(ada, dataset) == dataset


async def test_only_what_is_there_and_ones_own_can_be_replaced(ada: Person, bob: Person, uploader: Uploader) -> None:
    dataset = await uploader.dataset(ada, book(MAY))
    order = {"filename": "x.xlsx", "size": 5, "replaces": dataset["id"]}
    assert (await bob.post("/v1/analytics/uploads", order)).json()["code"] == "DatasetNotFound"
    identifier, event = await uploader.put(ada, book(JUNE), replaces=dataset["id"])
    assert (await ada.client.delete(f"{DATASETS}/{dataset['id']}", headers=ada.auth)).status_code == 204
    await process(event)
    failed = await uploader.read(ada, identifier)
    assert failed["state"] == "failed"
    assert "not there any more" in failed["error"]


async def test_of_two_at_once_the_later_one_is_done_again_on_top_of_the_first(
    ada: Person, uploader: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = await uploader.dataset(ada, book(MAY))
    slow, slow_event = await uploader.put(ada, book(MAY[:2]), replaces=dataset["id"])
    quick, quick_event = await uploader.put(ada, book(JUNE), replaces=dataset["id"])
    store = object_store.store

    async def while_it_stores(*place: Any) -> str:
        monkeypatch.undo()
        await process(quick_event)
        return await store(*place)

    monkeypatch.setattr(object_store, "store", while_it_stores)
    with pytest.raises(ReadMeanwhile):
        await process(slow_event)
    assert (await shown(ada, dataset))["upload_id"] == quick
    await process(slow_event)
    now = await shown(ada, dataset)
    assert (now["upload_id"], now["tables"][0]["rows"]) == (slow, 1)


async def test_the_first_dashboard_goes_on_too(ada: Person, uploader: Uploader) -> None:
    dataset = await uploader.dataset(ada, book(MAY))
    (dashboard,) = (await ada.get(DASHBOARDS)).json()["items"]
    await uploader.upload(ada, book(JUNE), replaces=dataset["id"])
    whole = (await ada.get(f"{DASHBOARDS}/{dashboard['id']}")).json()
    for each in whole["widgets"]:
        data = await ada.get(f"{DASHBOARDS}/{dashboard['id']}/widgets/{each['id']}/data")
        assert data.status_code == 200
