"""Deleting, renaming, and trying again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from analytics import background, object_store
from analytics.upload_handler import process
from common import storage
from common.settings import settings
from common.storage import StorageUnavailable
from tests.analytics.books import book
from tests.analytics.conftest import BUCKET, Queue, Uploader, s3_event
from tests.people import Person

BOOK = book([["Who", "n"], ["Ann", 1], ["Bo", 2]])
DATASETS, UPLOADS = "/v1/analytics/datasets", "/v1/analytics/uploads"


def stored(prefix: str) -> list[str]:
    return [each["Key"] for each in storage.client().list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_of_a_deleted_dataset_nothing_is_left(ada: Person, bob: Person, uploader: Uploader) -> None:
    dataset = await uploader.dataset(ada, BOOK)
    path, upload = f"{DATASETS}/{dataset['id']}", f"{UPLOADS}/{dataset['upload_id']}"
    folders = [f"datasets/{dataset['id']}/", f"uploads/{ada.id}/{dataset['upload_id']}/"]
    assert all(stored(folder) for folder in folders)
    assert code(await bob.client.delete(path, headers=bob.auth)) == (404, "DatasetNotFound")
    assert code(await ada.client.delete(upload, headers=ada.auth)) == (409, "UploadIsDataset")
    assert (await ada.client.delete(path, headers=ada.auth)).status_code == 204
    assert [(await ada.get(each)).status_code for each in (path, upload)] == [404, 404]
    await background.run_due()
    assert [stored(folder) for folder in folders] == [[], []]
    assert code(await ada.client.delete(path, headers=ada.auth)) == (404, "DatasetNotFound")


async def test_a_file_that_cannot_be_deleted_now_is_deleted_later(
    ada: Person, uploader: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = await uploader.dataset(ada, BOOK)
    await ada.client.delete(f"{DATASETS}/{dataset['id']}", headers=ada.auth)

    def down(*_args: Any) -> None:
        raise StorageUnavailable

    monkeypatch.setattr(storage, "_delete", down)
    with pytest.raises(ExceptionGroup):
        await background.run_due()
    monkeypatch.undo()
    assert stored(f"datasets/{dataset['id']}/") != []
    await background.run_due()
    assert stored(f"datasets/{dataset['id']}/") == []


async def test_other_content_of_the_same_key_keeps_its_file(ada: Person, store: str, uploader: Uploader) -> None:
    folder, key = f"drop/{ada.id}/", f"drop/{ada.id}/club.xlsx"
    for name, content in ((key, BOOK), (key, book([["Who", "n"], ["Cy", 3]])), (f"{key}2", BOOK)):
        put = storage.client().put_object(Bucket=BUCKET, Key=name, Body=content)
        await process(s3_event(name, put["ETag"]))
    sets = (await ada.get(DATASETS)).json()["items"]
    assert len(sets) == 3
    oldest = min(sets, key=lambda each: str(each["created_at"]))
    await ada.client.delete(f"{DATASETS}/{oldest['id']}", headers=ada.auth)
    await background.run_due()
    assert stored(folder) == [key, f"{key}2"]
    for each in (await ada.get(DATASETS)).json()["items"]:
        if each["tables"][0]["rows"] == 1:
            await ada.client.delete(f"{DATASETS}/{each['id']}", headers=ada.auth)
    await background.run_due()
    assert stored(folder) == [f"{key}2"]


async def test_an_upload_that_waits_or_failed_can_be_deleted(ada: Person, bob: Person, uploader: Uploader) -> None:
    failed = await uploader.upload(ada, b"no workbook")
    waiting, _event = await uploader.put(ada, BOOK)
    for identifier in (failed["id"], waiting):
        path = f"{UPLOADS}/{identifier}"
        assert code(await bob.client.delete(path, headers=bob.auth)) == (404, "UploadNotFound")
        assert (await ada.client.delete(path, headers=ada.auth)).status_code == 204
        assert (await ada.get(path)).status_code == 404
    await background.run_due()
    assert stored(f"uploads/{ada.id}/") == []


async def test_an_upload_in_work_cannot_be_deleted(
    ada: Person, uploader: Uploader, owner_connection: psycopg.Connection
) -> None:
    identifier, _event = await uploader.put(ada, BOOK)
    owner_connection.execute("UPDATE analytics.uploads SET state = 'processing' WHERE id = %s", [UUID(identifier)])
    refused = await ada.client.delete(f"{UPLOADS}/{identifier}", headers=ada.auth)
    assert code(refused) == (409, "UploadBusy")


async def test_a_dataset_can_be_called_something_else(ada: Person, bob: Person, uploader: Uploader) -> None:
    dataset = await uploader.dataset(ada, BOOK)
    path = f"{DATASETS}/{dataset['id']}"
    renamed = await ada.client.patch(path, json={"name": " Our people "}, headers=ada.auth)
    assert renamed.json() == dataset | {"name": "Our people"}
    assert (await ada.client.patch(path, json={"name": " "}, headers=ada.auth)).status_code == 422
    assert (await bob.client.patch(path, json={"name": "x"}, headers=bob.auth)).status_code == 404


async def test_an_upload_that_failed_by_our_fault_is_read_when_it_is_tried_again(
    ada: Person, bob: Person, uploader: Uploader, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    identifier, event = await uploader.put(ada, BOOK)
    path = f"{UPLOADS}/{identifier}/retry"
    assert code(await ada.post(path, None)) == (409, "NotFailed")

    async def down(*_args: Any) -> None:
        raise RuntimeError("down")

    monkeypatch.setattr(object_store, "store", down)
    for _ in range(3):
        with pytest.raises(RuntimeError, match="down"):
            await process(event)
    assert (await uploader.read(ada, identifier))["state"] == "failed"
    assert code(await bob.post(path, None)) == (404, "UploadNotFound")
    assert (await ada.post(path, None)).status_code == 202
    waiting = await uploader.read(ada, identifier)
    assert (waiting["state"], waiting["percent"], waiting["error"]) == ("waiting", 0, None)
    (body,) = queue.taken()
    assert str(ada.id) in body

    for number in range(3):  # as often as at first
        assert (await uploader.read(ada, identifier))["state"] == ("waiting" if number == 0 else "processing")
        with pytest.raises(RuntimeError, match="down"):
            await process(event)
    assert (await uploader.read(ada, identifier))["state"] == "failed"
    monkeypatch.setattr(object_store, "store", _store)
    assert (await ada.post(path, None)).status_code == 202
    await queue.work()
    done = await uploader.read(ada, identifier)
    assert (done["state"], done["rows_read"]) == ("done", 2)
    assert code(await ada.post(path, None)) == (409, "NotFailed")


_store = object_store.store


async def test_when_the_queue_is_down_the_upload_stays_failed(
    ada: Person, uploader: Uploader, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = await uploader.upload(ada, b"no workbook")
    monkeypatch.setenv("UPLOADS_QUEUE_URL", f"{queue.url}-gone")
    settings.cache_clear()
    refused = await ada.post(f"{UPLOADS}/{failed['id']}/retry", None)
    assert code(refused) == (503, "StorageUnavailable")
    again = await uploader.read(ada, failed["id"])
    assert (again["state"], again["error"]) == ("failed", failed["error"])


async def test_files_of_failed_uploads_are_kept_for_a_week(
    ada: Person, uploader: Uploader, queue: Queue, owner_connection: psycopg.Connection
) -> None:
    old, young = [await uploader.upload(ada, b"no workbook") for _ in range(2)]
    owner_connection.execute(
        "UPDATE analytics.uploads SET finished_at = now() - %s WHERE id = %s",
        [timedelta(days=7, minutes=1), UUID(old["id"])],
    )
    await background.run_due()
    assert [bool(stored(f"uploads/{ada.id}/{each['id']}/")) for each in (old, young)] == [False, True]
    assert code(await ada.post(f"{UPLOADS}/{old['id']}/retry", None)) == (409, "FileGone")
    assert (await uploader.read(ada, old["id"]))["error"] == old["error"]


async def test_a_file_dropped_again_after_its_deletion_is_kept(ada: Person, store: str, uploader: Uploader) -> None:
    key = f"drop/{ada.id}/again.xlsx"

    async def drop() -> str:
        etag = storage.client().put_object(Bucket=BUCKET, Key=key, Body=BOOK)["ETag"]
        await process(s3_event(key, etag, len(BOOK)))
        (upload,) = (await ada.get(UPLOADS)).json()["items"]
        return f"{DATASETS}/{upload['dataset_id']}"

    assert (await ada.client.delete(await drop(), headers=ada.auth)).status_code == 204
    dropped_again = await drop()
    await background.run_due()
    assert (await ada.get(dropped_again)).status_code == 200
    assert stored(f"drop/{ada.id}/") == [key]


async def test_who_waits_for_a_worker_that_died_for_good_is_told_and_can_try_again(
    ada: Person, uploader: Uploader, queue: Queue, owner_connection: psycopg.Connection
) -> None:
    identifier, _ = await uploader.put(ada, BOOK)
    etag = storage.client().list_objects_v2(Bucket=BUCKET, Prefix=f"uploads/{ada.id}/")["Contents"][0]["ETag"]
    forsaken = """UPDATE analytics.uploads SET state = 'processing', attempts = 3, etag = %s,
        claimed_until = now() - make_interval(mins => %s) WHERE id = %s"""
    for minutes, state in ((50, "processing"), (70, "failed")):
        owner_connection.execute(forsaken, [etag.strip('"'), minutes, identifier])
        owner_connection.commit()
        await background.run_due()
        assert (await uploader.read(ada, identifier))["state"] == state
    assert (await ada.post(f"{UPLOADS}/{identifier}/retry", None)).status_code == 202
    await queue.work()
    assert (await uploader.read(ada, identifier))["state"] == "done"
