"""From the object to the dataset: once, wholly, and however often or brokenly the event comes."""

import asyncio
import json
import subprocess
import sys
import textwrap
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from httpx import AsyncClient

from analytics import claims, ingest, object_store
from analytics.publishing import give_up
from analytics.upload_handler import process
from common import storage
from common.db import transaction
from common.models.analytics import Upload
from tests.analytics.books import book
from tests.analytics.conftest import BUCKET, DATA, Uploader, s3_event, sqs_event
from tests.people import Person

BOOK = book([["Who", "n"], ["Ann", 1], ["Bo", 2]])


def datasets_of(connection: psycopg.Connection, person: Person) -> int:
    found = connection.execute("SELECT count(*) FROM analytics.datasets WHERE user_id = %s", [person.id]).fetchone()
    assert found is not None
    return int(found[0])


async def test_progress_and_result_are_seen_on_the_upload(ada: Person, uploader: Uploader) -> None:
    identifier, event = await uploader.put(ada, BOOK)
    waiting = await uploader.read(ada, identifier)
    assert (waiting["state"], waiting["percent"], waiting["dataset_id"]) == ("waiting", 0, None)
    await process(event)
    done = await uploader.read(ada, identifier)
    assert (done["state"], done["percent"], done["rows_read"], done["rows_refused"]) == ("done", 100, 2, 0)
    assert done["dataset_id"] is not None
    assert done["error"] is None


async def test_a_ledger_as_people_keep_it(ada: Person, uploader: Uploader) -> None:
    done = await uploader.upload(ada, (DATA / "club-ledger.xlsx").read_bytes(), "касса май.xlsx")
    assert (done["rows_read"], done["rows_refused"]) == (11, 2)
    assert [(problem["sheet"], problem["cell"], problem["value"]) for problem in done["problems"]] == [
        ("Касса", "E11", "уточнить"),
        ("Касса", "B13", "Итого:"),
        ("Касса", "B15", "Составил: казначей, 31.05.2024"),
    ]
    query = {"table": "Касса", "measures": [{"op": "sum", "column": "Сумма", "as": "s"}]}
    result = (await ada.post(f"/v1/analytics/datasets/{done['dataset_id']}/query", query)).json()
    assert result["rows"] == [[15540.1]]
    accounts = {"measures": [{"op": "count"}], "group_by": [{"column": "Лицевой счёт"}], "limit": 1}
    result = (await ada.post(f"/v1/analytics/datasets/{done['dataset_id']}/query", accounts)).json()
    assert result == {
        "columns": [{"name": "Лицевой счёт", "type": "text"}, {"name": "count", "type": "integer"}],
        "rows": [["40817810099910004312", 1]],
        "truncated": True,
    }


async def test_the_same_event_twenty_times_at_once_makes_one_dataset(
    ada: Person, uploader: Uploader, owner_connection: psycopg.Connection
) -> None:
    identifier, event = await uploader.put(ada, BOOK)
    answers = await asyncio.gather(*(process(sqs_event(event)) for _ in range(20)))
    assert answers == [{"batchItemFailures": []}] * 20
    assert (await uploader.read(ada, identifier))["state"] == "done"
    assert datasets_of(owner_connection, ada) == 1


async def test_an_event_that_comes_again_later_changes_nothing(
    ada: Person, uploader: Uploader, owner_connection: psycopg.Connection
) -> None:
    identifier, event = await uploader.put(ada, BOOK)
    await process(event)
    before = await uploader.read(ada, identifier)
    await process(event)
    assert await uploader.read(ada, identifier) == before
    assert datasets_of(owner_connection, ada) == 1


async def test_a_bad_workbook_fails_with_a_reason_and_is_not_tried_again(ada: Person, uploader: Uploader) -> None:
    identifier, event = await uploader.put(ada, b"Day;Amount\n1;2\n")
    assert await process(sqs_event(event)) == {"batchItemFailures": []}
    failed = await uploader.read(ada, identifier)
    assert (failed["state"], failed["dataset_id"]) == ("failed", None)
    assert "not an Excel workbook" in failed["error"]


async def test_a_fault_of_ours_publishes_nothing_and_heals_with_the_next_delivery(
    ada: Person, uploader: Uploader, monkeypatch: pytest.MonkeyPatch, owner_connection: psycopg.Connection
) -> None:
    identifier, event = await uploader.put(ada, BOOK)

    async def unreachable(*_: object) -> str:
        raise ConnectionError("the store is down")

    message = sqs_event(event)
    with monkeypatch.context() as patch:
        patch.setattr(object_store, "store", unreachable)
        answer = await process(message)
    assert answer == {"batchItemFailures": [{"itemIdentifier": message["Records"][0]["messageId"]}]}
    assert (await uploader.read(ada, identifier))["state"] == "processing"
    assert datasets_of(owner_connection, ada) == 0
    assert await process(message) == {"batchItemFailures": []}
    assert (await uploader.read(ada, identifier))["state"] == "done"
    assert datasets_of(owner_connection, ada) == 1


async def test_after_the_last_attempt_the_person_learns_of_it(
    ada: Person, uploader: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    identifier, event = await uploader.put(ada, BOOK)

    async def unreachable(*_: object) -> str:
        raise ConnectionError("the store is down")

    monkeypatch.setattr(object_store, "store", unreachable)
    for _ in range(claims.MAX_ATTEMPTS):
        with pytest.raises(ConnectionError):
            await process(event)
    failed = await uploader.read(ada, identifier)
    assert failed["state"] == "failed"
    assert "fault on our side" in failed["error"]


async def test_one_bad_message_does_not_hold_up_the_others(ada: Person, uploader: Uploader) -> None:
    identifier, good = await uploader.put(ada, BOOK)
    batch = sqs_event(s3_event(f"drop/{uuid4()}/x.xlsx", "0" * 32), good)
    answer = await process(batch)
    assert answer == {"batchItemFailures": [{"itemIdentifier": batch["Records"][0]["messageId"]}]}
    assert (await uploader.read(ada, identifier))["state"] == "done"


async def _claim(identifier: str, event: dict[str, Any]) -> claims.Claim:
    async with transaction("analytics") as session:
        upload = await session.get_one(Upload, UUID(identifier))
        upload.etag = event["Records"][0]["s3"]["object"]["eTag"]
        await session.flush()
        claim = await claims.take(session, upload)
        assert claim is not None
        return claim


async def test_whoever_finds_the_worker_alive_leaves_the_upload_to_it(
    ada: Person, uploader: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "_WAIT_SECONDS", 0.0)
    identifier, event = await uploader.put(ada, BOOK)
    await _claim(identifier, event)
    with pytest.raises(ingest.Busy):
        await process(event)


async def test_a_killed_workers_upload_is_taken_over_and_the_dead_cannot_write_any_more(
    ada: Person, uploader: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    identifier, event = await uploader.put(ada, BOOK)
    with monkeypatch.context() as patch:
        patch.setattr(claims, "LEASE", timedelta(seconds=-1))
        dead = await _claim(identifier, event)
    await process(event)
    assert (await uploader.read(ada, identifier))["state"] == "done"
    with pytest.raises(claims.LeaseLost):
        await claims.report(dead, 50, 1)
    with pytest.raises(claims.LeaseLost):
        async with transaction("analytics") as session:
            await give_up(session, dead, "too late")


async def test_a_dropped_file_becomes_an_upload_of_the_folders_owner(
    ada: Person, bob: Person, uploader: Uploader
) -> None:
    key = f"drop/{ada.id}/accounts/May + June — 100%.xlsx"
    stored = storage.client().put_object(Bucket=BUCKET, Key=key, Body=BOOK)
    await process(s3_event(key, stored["ETag"], len(BOOK)))
    (upload,) = (await ada.get("/v1/analytics/uploads")).json()["items"]
    assert (upload["filename"], upload["state"]) == ("May + June — 100%.xlsx", "done")
    assert (await bob.get("/v1/analytics/uploads")).json()["items"] == []


async def test_other_content_under_the_same_key_is_another_upload(ada: Person, store: str) -> None:
    key = f"drop/{ada.id}/book.xlsx"
    for rows in (1, 2):
        content = book([["Who", "n"], *[["Ann", 1]] * rows])
        stored = storage.client().put_object(Bucket=BUCKET, Key=key, Body=content)
        await process(s3_event(key, stored["ETag"]))
    uploads = (await ada.get("/v1/analytics/uploads")).json()["items"]
    assert [(upload["state"], upload["rows_read"]) for upload in uploads] == [("done", 2), ("done", 1)]


async def test_an_event_of_replaced_content_does_not_read_the_new_one(ada: Person, store: str) -> None:
    key = f"drop/{ada.id}/book.xlsx"
    old = storage.client().put_object(Bucket=BUCKET, Key=key, Body=book([["Who", "n"], ["Ann", 1]]))
    new = storage.client().put_object(Bucket=BUCKET, Key=key, Body=BOOK)
    await process(s3_event(key, new["ETag"]))
    await process(s3_event(key, old["ETag"]))
    stale, read = (await ada.get("/v1/analytics/uploads")).json()["items"]
    assert (read["state"], read["rows_read"]) == ("done", 2)
    assert stale["state"] == "failed"
    assert "replaced" in stale["error"]


@pytest.mark.parametrize("folder", ["01a20962-0000-7000-8000-000000000000", "nobody"])
async def test_a_file_in_nobodys_folder_is_refused(folder: str, store: str) -> None:
    with pytest.raises(ingest.UnknownOwner, match=folder):
        await process(s3_event(f"drop/{folder}/book.xlsx", "0" * 32))


async def test_the_message_that_s3_sends_first_is_ignored(store: str) -> None:
    test = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": BUCKET}
    assert await process(sqs_event(test)) == {"batchItemFailures": []}
    assert await process(test) == {"batchItemFailures": []}


async def test_the_store_itself_refuses_a_file_above_the_limit(ada: Person, uploader: Uploader) -> None:
    form = await uploader.announce(ada, "small.xlsx", 100)
    async with AsyncClient() as browser:
        sent = await browser.post(form["url"], data=form["fields"], files={"file": bytes(100 * 1024 * 1024 + 1)})
    assert sent.status_code == 400
    assert "EntityTooLarge" in sent.text


async def test_the_handler_may_be_called_from_many_threads(ada: Person, uploader: Uploader) -> None:
    """In a process of its own, as a worker or a sandbox is."""
    identifier, event = await uploader.put(ada, BOOK)
    script = """
        import json, sys
        from concurrent.futures import ThreadPoolExecutor
        from analytics.upload_handler import handler

        event = json.load(sys.stdin)
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: handler(event, None), range(20)))
        assert answers == [{"batchItemFailures": []}] * 20, answers
        print("one process, many threads")
    """
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", textwrap.dedent(script)],
        input=json.dumps(event),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "many threads" in done.stdout, done.stderr
    assert (await uploader.read(ada, identifier))["state"] == "done"
