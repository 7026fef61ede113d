"""What a person tells of a column, and the workbook read again by it."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from sqlalchemy import update

from analytics import object_store
from analytics.upload_handler import process
from common.db import transaction
from common.models.analytics import Upload
from common.settings import settings
from tests.analytics.books import book
from tests.analytics.conftest import Queue, Uploader
from tests.people import Person

DATASETS = "/v1/analytics/datasets"
ROWS: list[list[Any]] = [
    ["Member", "Paid on", "Fee", "Serial day", "Active", "a/b"],
    ["001", "03/04/2024", "1,234", 45292, "yes", 1],
    ["002", "05/06/2024", "2,345", 45293.5, "no", 2],
    ["003", "07/08/2024", "soon", 45294, "perhaps", 3],
]


async def corrected(person: Person, dataset: dict[str, Any], name: str, **change: Any) -> dict[str, Any]:
    path = f"{DATASETS}/{dataset['id']}/columns/{quote(name, safe='')}"
    answer = await person.client.patch(path, json=change, headers=person.auth)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def shown(person: Person, dataset: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = (await person.get(f"{DATASETS}/{dataset['id']}")).json()
    return answer


def column(dataset: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in dataset["tables"][0]["columns"] if each["name"] == name)
    return found


async def rows(person: Person, dataset: dict[str, Any], name: str) -> list[Any]:
    answer = (await person.get(f"{DATASETS}/{dataset['id']}/rows?columns={quote(name)}")).json()
    return [cells[-1] for cells in answer["rows"]]


async def test_titles_units_and_roles_are_there_at_once(ada: Person, uploader: Uploader) -> None:
    dataset = await uploader.dataset(ada, book(ROWS))
    changed = await corrected(ada, dataset, "a/b", title=" Ratio ", unit="kg", role="dimension")
    told = column(changed, "a/b")
    assert (told["title"], told["unit"], told["role"], told["told"]) == ("Ratio", "kg", "dimension", False)
    assert changed["reading"] is False
    back = column(await corrected(ada, dataset, "a/b", title=None, role=None), "a/b")
    assert (back["title"], back["unit"], back["role"]) == ("a/b", "kg", "measure")


async def test_another_type_is_read_from_the_workbook_and_all_is_as_before_until_then(
    ada: Person, uploader: Uploader, queue: Queue
) -> None:
    dataset = await uploader.dataset(ada, book(ROWS))
    assert column(dataset, "Paid on")["type"] == "text"
    assert "day or the month" in column(dataset, "Paid on")["note"]
    waiting = await corrected(ada, dataset, "Paid on", type="date", date_format="DD/MM/YYYY")
    assert waiting["reading"] is True
    assert column(waiting, "Paid on")["type"] == "text"
    assert await rows(ada, dataset, "Paid on") == ["03/04/2024", "05/06/2024", "07/08/2024"]
    busy = await ada.client.patch(f"{DATASETS}/{dataset['id']}/columns/Fee", json={"title": "x"}, headers=ada.auth)
    assert (busy.status_code, busy.json()["code"]) == (409, "DatasetBusy")
    await queue.work()
    done = await shown(ada, dataset)
    assert (done["reading"], done["id"], done["name"]) == (False, dataset["id"], dataset["name"])
    told = column(done, "Paid on")
    assert (told["type"], told["role"], told["told"]) == ("date", "time", True)
    assert await rows(ada, dataset, "Paid on") == ["2024-04-03", "2024-06-05", "2024-08-07"]


@pytest.mark.parametrize(
    ("name", "told", "cells", "problems"),
    [
        ("Fee", {"type": "integer", "decimal_mark": "point"}, [1234, 2345, None], ["soon"]),
        ("Fee", {"type": "decimal", "decimal_mark": "comma"}, [1.234, 2.345, None], ["soon"]),
        ("Fee", {"type": "integer", "decimal_mark": "comma"}, [None] * 3, ["1,234", "2,345", "soon"]),
        ("Member", {"type": "integer"}, [1, 2, 3], []),
        ("Serial day", {"type": "date"}, ["2024-01-01", "2024-01-02", "2024-01-03"], []),
        (
            "Serial day",
            {"type": "datetime"},
            ["2024-01-01T00:00:00", "2024-01-02T12:00:00", "2024-01-03T00:00:00"],
            [],
        ),
        ("Serial day", {"type": "text"}, ["45292", "45293.5", "45294"], []),
        ("Active", {"type": "boolean"}, [True, False, None], ["perhaps"]),
        ("Paid on", {"type": "date"}, [None] * 3, ["03/04/2024", "05/06/2024", "07/08/2024"]),
        ("Paid on", {"type": "date", "date_format": "MM/DD/YYYY"}, ["2024-03-04", "2024-05-06", "2024-07-08"], []),
    ],
)
async def test_cells_follow_what_was_told_or_are_problems(
    name: str,
    told: dict[str, str],
    cells: list[Any],
    problems: list[str],
    ada: Person,
    uploader: Uploader,
    queue: Queue,
) -> None:
    dataset = await uploader.dataset(ada, book(ROWS))
    await corrected(ada, dataset, name, **told)
    await queue.work()
    assert await rows(ada, dataset, name) == cells
    upload = await uploader.read(ada, dataset["upload_id"])
    assert [problem["value"] for problem in upload["problems"]] == problems
    assert (upload["state"], upload["rows_read"], upload["problems_count"]) == ("done", 3, len(problems))


async def test_a_type_can_be_taken_back_and_other_columns_keep_theirs(
    ada: Person, uploader: Uploader, queue: Queue
) -> None:
    dataset = await uploader.dataset(ada, book(ROWS))
    for name, told in (("Member", {"type": "integer"}), ("a/b", {"type": "text"}), ("Member", {"type": None})):
        await corrected(ada, dataset, name, **told)
        await queue.work()
    done = await shown(ada, dataset)
    assert [column(done, name)["type"] for name in ("Member", "a/b")] == ["text", "text"]
    assert [column(done, name)["told"] for name in ("Member", "a/b")] == [False, True]


async def test_the_first_dashboard_follows_unless_somebody_has_arranged_it(
    ada: Person, uploader: Uploader, queue: Queue
) -> None:
    dataset = await uploader.dataset(ada, book(ROWS))
    dashboard = (await ada.get("/v1/analytics/dashboards")).json()["items"][0]
    path = f"/v1/analytics/dashboards/{dashboard['id']}"
    assert "Paid on" not in str((await ada.get(path)).json()["widgets"][0:2])
    await corrected(ada, dataset, "Paid on", type="date", date_format="DD/MM/YYYY")
    await queue.work()
    widgets = (await ada.get(path)).json()["widgets"]
    assert "line" in [widget["kind"] for widget in widgets]
    await ada.client.patch(path, json={"name": "Mine"}, headers=ada.auth)
    await corrected(ada, dataset, "Paid on", type=None)
    await queue.work()
    assert (await ada.get(path)).json()["widgets"] == widgets


async def test_if_it_cannot_be_read_again_the_dataset_stays_as_it_is(
    ada: Person, uploader: Uploader, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = await uploader.dataset(ada, book(ROWS))
    await corrected(ada, dataset, "Fee", type="integer")
    (body,) = queue.taken()

    async def down(*_args: Any) -> None:
        raise RuntimeError("down")

    monkeypatch.setattr(object_store, "store", down)
    for _ in range(3):
        event = {"Records": [{"messageId": "m", "eventSource": "aws:sqs", "body": body}]}
        assert len((await process(event))["batchItemFailures"]) == 1
    after = await shown(ada, dataset)
    assert after == dataset
    upload = await uploader.read(ada, dataset["upload_id"])
    assert (upload["state"], upload["rows_read"]) == ("done", 3)
    assert "fault on our side" in upload["error"]


async def test_without_the_queue_nothing_has_happened(
    ada: Person, uploader: Uploader, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = await uploader.dataset(ada, book(ROWS))
    monkeypatch.setenv("UPLOADS_QUEUE_URL", f"{queue.url}-gone")
    settings.cache_clear()
    path = f"{DATASETS}/{dataset['id']}/columns/Fee"
    answer = await ada.client.patch(path, json={"type": "integer"}, headers=ada.auth)
    assert (answer.status_code, answer.json()["code"]) == (503, "StorageUnavailable")
    assert await shown(ada, dataset) == dataset


async def test_what_is_not_there_or_does_not_fit_is_refused(ada: Person, bob: Person, uploader: Uploader) -> None:
    two = book([["a", "n"], ["x", 1]], [["a", "m"], ["y", 2]], names=["One", "Two"])
    dataset = await uploader.dataset(ada, two)
    path = f"{DATASETS}/{dataset['id']}/columns"

    async def code(person: Person, name: str, **change: Any) -> tuple[int, str]:
        answer = await person.client.patch(f"{path}/{name}", json=change, headers=person.auth)
        return answer.status_code, answer.json().get("code")

    assert await code(bob, "n", title="x") == (404, "DatasetNotFound")
    assert await code(ada, "z", title="x") == (404, "ColumnNotFound")
    assert await code(ada, "a", title="x") == (422, "AmbiguousColumn")
    assert (await code(ada, "a?table=Two", title="x"))[0] == 200
    assert (await code(ada, "n", type="money"))[0] == 422
    assert (await code(ada, "n", date_format="DD/MM/YYYY"))[0] == 422
    assert (await code(ada, "n", type="date", decimal_mark="comma"))[0] == 422


async def test_what_is_deleted_while_it_waits_stays_deleted(ada: Person, uploader: Uploader, queue: Queue) -> None:
    dataset = await uploader.dataset(ada, book(ROWS))
    await corrected(ada, dataset, "Fee", type="text")
    gone = await ada.client.delete(f"{DATASETS}/{dataset['id']}", headers=ada.auth)
    assert gone.status_code == 204
    await queue.work()
    assert (await ada.get("/v1/analytics/uploads")).json()["items"] == []
    assert (await ada.get(DATASETS)).json()["items"] == []


async def test_nothing_is_deleted_under_the_reader(ada: Person, uploader: Uploader, queue: Queue) -> None:
    dataset = await uploader.dataset(ada, book(ROWS))
    await corrected(ada, dataset, "Fee", type="text")
    async with transaction("analytics") as session:
        await session.execute(update(Upload).where(Upload.id == UUID(dataset["upload_id"])).values(state="processing"))
    refused = await ada.client.delete(f"{DATASETS}/{dataset['id']}", headers=ada.auth)
    assert (refused.status_code, refused.json()["code"]) == (409, "DatasetBusy")
