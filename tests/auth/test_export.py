"""A person's data as a zip: all of theirs, nothing of anybody else's, made by workers that may be killed."""

import asyncio
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from httpx import AsyncClient
from PIL import Image

from auth import background, export_archive, export_making, sweeping
from auth.export_areas import AREAS
from common import storage
from common.settings import settings
from tests.auth.traces import delete_me, leave
from tests.conftest import ACCOUNTS_BUCKET, CHECKOUT
from tests.people import People, Person

pytestmark = pytest.mark.usefixtures("store", "no_nudge", "only_my_exports")


@pytest.fixture
def only_my_exports(owner_connection: psycopg.Connection) -> None:
    owner_connection.execute("UPDATE auth.exports SET status = 'failed' WHERE status IN ('queued', 'running')")


async def _ask(person: Person) -> str:
    asked = await person.post("/v1/auth/me/export", None)
    assert asked.status_code == 202, asked.text
    return str(asked.json()["id"])


async def _read(person: Person, export_id: str) -> dict[str, Any]:
    response = await person.get(f"/v1/auth/me/export/{export_id}")
    assert response.status_code == 200, response.text
    assert response.headers["cache-control"] == "no-store"
    shown: dict[str, Any] = response.json()
    return shown


async def _archive(person: Person) -> dict[str, bytes]:
    """The files of a new export, by name, downloaded as a browser does."""
    export_id = await _ask(person)
    await export_making.make_all()
    shown = await _read(person, export_id)
    assert shown["status"] == "ready"
    async with AsyncClient() as browser:
        got = await browser.get(shown["download"]["url"])
    assert got.status_code == 200
    assert got.headers["content-disposition"].startswith('attachment; filename="artel-20')
    assert len(got.content) == shown["bytes"]
    with zipfile.ZipFile(BytesIO(got.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


async def test_an_export_has_everything_and_the_letter_says_that_it_is_there(
    client: AsyncClient, people: People, bob: Person, owner_connection: psycopg.Connection
) -> None:
    traces = await leave(client, people, bob)
    files = await _archive(traces.person)
    areas = {name: json.loads(files[name]) for name in AREAS}
    assert [name for name, rows in areas.items() if not rows] == []
    assert areas["account.json"][0]["phone"] == traces.phone
    assert traces.address in [session["address"] for session in areas["sessions.json"]]
    assert [len(areas[f"money_{part}.json"]) for part in ("accounts", "entries", "requests")] == [3, 9, 14]
    assert {post["deleted_at"] is None for post in areas["posts.json"]} == {True, False}
    assert areas["posts.json"][0]["tags"] == ["common", traces.word]
    assert areas["datasets.json"][0]["upload_id"] == areas["uploads.json"][0]["id"]
    workbook = f"files/workbooks/{areas['uploads.json'][0]['id']}-{traces.word}.xlsx"
    assert files.keys() == {"README.txt", "files/picture.webp", workbook, *AREAS}
    assert zipfile.is_zipfile(BytesIO(files[workbook]))
    assert Image.open(BytesIO(files["files/picture.webp"])).size == (512, 512)
    letters = "SELECT count(*) FROM auth.mails WHERE recipient = %s AND text LIKE %s"
    link = f"%{settings().public_url}/account%"
    assert owner_connection.execute(letters, [traces.person.email, link]).fetchone() == (1,)


async def test_an_export_holds_no_secrets_and_nobody_else(client: AsyncClient, people: People, bob: Person) -> None:
    traces = await leave(client, people, bob)
    files = await _archive(traces.person)
    secret = traces.word.encode()
    text = b"\n".join(content for name, content in files.items() if name.endswith((".json", ".txt"))).decode()
    # Where it was stored as a secret it stood alone, as bytes; rows show bytes in hexadecimal.
    for never in ("hash of", secret.hex(), "secret_hash", "password_hash", "public_key", "credential_id", "code_hash"):
        assert never not in text, never
    for others in (str(bob.id), bob.email, "Bob"):
        assert others not in text, others
    entries = json.loads(files["money_entries.json"])
    described = {entry["description"] for entry in entries if entry["kind"] != "exchange"}
    assert described == {"sandbox", f"{traces.word} pays", "from a friend", ""}


async def test_what_an_administrator_did_is_in_the_log_without_where_they_were(
    ada: Person, bob: Person, owner_connection: psycopg.Connection
) -> None:
    line = "INSERT INTO auth.audit_log (event, user_id, actor_id, address) VALUES ('disabled', %s, %s, '198.51.100.9')"
    owner_connection.execute(line, [ada.id, bob.id])
    (shown,) = json.loads((await _archive(ada))["audit.json"])[:1]
    assert (shown["event"], shown["by"], shown["concerning"]) == ("disabled", "somebody else", "you")
    assert shown["address"] is None
    theirs = json.loads((await _archive(bob))["audit.json"])[0]
    assert (theirs["by"], theirs["concerning"], theirs["address"]) == ("you", "somebody else", "198.51.100.9")


@pytest.mark.parametrize(("locale", "words"), [("en", "Your data in Artel"), ("ru", "Ваши данные в Artel")])
async def test_the_readme_is_in_the_person_s_language_and_names_every_file(
    ada: Person, locale: str, words: str
) -> None:
    await ada.client.patch("/v1/auth/me", json={"locale": locale}, headers=ada.auth)
    readme = (await _archive(ada))["README.txt"].decode()
    assert readme.startswith(words)
    assert [name for name in AREAS if name not in readme] == []


@pytest.mark.parametrize("name", ["../../evil.xlsx", "a/b\\c:d.xlsx", "..xlsx", "книга \t 1.xlsx", "x" * 300 + ".xlsx"])
async def test_file_names_make_no_paths(ada: Person, owner_connection: psycopg.Connection, name: str) -> None:
    key = f"uploads/{ada.id}/{uuid4()}/x"
    await storage.write(ACCOUNTS_BUCKET, key, b"content", "text/plain")
    row = "INSERT INTO analytics.uploads (user_id, bucket, key, filename, size) VALUES (%s, %s, %s, %s, 1)"
    owner_connection.execute(row, [ada.id, ACCOUNTS_BUCKET, key, name])
    (file,) = [each for each in await _archive(ada) if each.startswith("files/")]
    assert file.startswith("files/workbooks/")
    assert file.count("/") == 2
    assert "\\" not in file
    assert len(file) < 200


async def test_the_pictures_in_posts_are_in_it_at_their_largest(
    ada: Person, owner_connection: psycopg.Connection
) -> None:
    image = uuid4()
    for size in (320, 800):
        await storage.write(ACCOUNTS_BUCKET, f"images/{image}/{size}.webp", str(size).encode(), "image/webp")
    row = """INSERT INTO posts.images (id, owner_id, bucket, folder, state, sizes)
        VALUES (%s, %s, %s, %s, 'ready', '{320,800}')"""
    owner_connection.execute(row, [image, ada.id, ACCOUNTS_BUCKET, f"images/{image}/"])
    assert (await _archive(ada))[f"files/pictures/{image}.webp"] == b"800"


async def test_a_file_that_was_announced_and_never_sent_is_left_out(ada: Person) -> None:
    announced = await ada.post("/v1/analytics/uploads", {"filename": "never.xlsx", "size": 10})
    assert announced.status_code == 201
    files = await _archive(ada)
    assert json.loads(files["uploads.json"])[0]["filename"] == "never.xlsx"
    assert [name for name in files if name.startswith("files/")] == []


async def test_an_empty_account_has_an_export_too(ada: Person) -> None:
    assert json.loads((await _archive(ada))["posts.json"]) == []


# Asking ------------------------------------------------------------------------------------------------------------------


async def test_one_is_made_at_a_time_and_asking_twice_at_once_is_asking_once(ada: Person) -> None:
    both = await asyncio.gather(_ask(ada), _ask(ada))
    assert len(set(both)) == 1
    await export_making.make_all()
    assert await _ask(ada) not in both
    listed = (await ada.get("/v1/auth/me/export")).json()["items"]
    assert [export["status"] for export in listed] == ["queued", "ready"]
    assert "download" not in listed[1]


async def test_another_person_s_export_does_not_exist(ada: Person, bob: Person) -> None:
    export_id = await _ask(ada)
    await export_making.make_all()
    for other in (export_id, str(uuid4())):
        refused = await bob.get(f"/v1/auth/me/export/{other}")
        assert (refused.status_code, refused.json()["code"]) == (404, "ExportNotFound")
    assert (await bob.get("/v1/auth/me/export")).json() == {"items": []}


async def test_five_a_day(ada: Person, owner_connection: psycopg.Connection) -> None:
    for _ in range(5):
        await _ask(ada)
        owner_connection.execute("UPDATE auth.exports SET status = 'failed' WHERE user_id = %s", [ada.id])
    refused = await ada.post("/v1/auth/me/export", None)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 3600


async def test_reading_a_ready_one_is_noted(ada: Person, owner_connection: psycopg.Connection) -> None:
    export_id = await _ask(ada)
    await _read(ada, export_id)
    await export_making.make_all()
    await _read(ada, export_id)
    query = "SELECT event FROM auth.audit_log WHERE user_id = %s AND detail ->> 'export' = %s ORDER BY id"
    events = [row[0] for row in owner_connection.execute(query, [ada.id, export_id])]
    assert events == ["export_asked", "export_ready", "export_read"]


async def test_without_a_bucket_asking_is_503(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACCOUNTS_BUCKET")
    settings.cache_clear()
    try:
        refused = await ada.post("/v1/auth/me/export", None)
        assert (refused.status_code, refused.json()["code"]) == (503, "StorageNotConfigured")
    finally:
        monkeypatch.undo()
        settings.cache_clear()


# Making ------------------------------------------------------------------------------------------------------------------


def _state(connection: psycopg.Connection, export_id: str) -> tuple[Any, ...]:
    row = connection.execute("SELECT status, attempts FROM auth.exports WHERE id = %s", [export_id]).fetchone()
    assert row is not None
    return row


@pytest.fixture
def lease_over(owner_connection: psycopg.Connection) -> Callable[[str], None]:
    def end(export_id: str) -> None:
        past = "UPDATE auth.exports SET lease_until = now() - interval '1 second' WHERE id = %s"
        assert owner_connection.execute(past, [export_id]).rowcount == 1

    return end


def _killed_while_making(store: str) -> None:
    """A process that takes the next export and is killed in the middle of it."""
    program = """
import asyncio, time
from auth import export_archive, export_making

async def stuck(*_):
    print("begun", flush=True)
    time.sleep(60)

export_archive.write = stuck
asyncio.run(export_making.make_all())
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=CHECKOUT, env=dict(os.environ), stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        assert worker.stdout.readline() == "begun\n"
        worker.kill()


async def test_a_killed_worker_s_export_is_taken_up_again_but_not_for_ever(
    ada: Person, store: str, owner_connection: psycopg.Connection, lease_over: Callable[[str], None]
) -> None:
    export_id = await _ask(ada)
    await asyncio.to_thread(_killed_while_making, store)
    assert _state(owner_connection, export_id) == ("running", 1)
    assert await export_making.make_all() == 0  # its lease runs still
    lease_over(export_id)
    assert await export_making.make_all() == 1
    assert _state(owner_connection, export_id) == ("ready", 2)

    another = await _ask(ada)
    owner_connection.execute("UPDATE auth.exports SET status = 'running', attempts = 3 WHERE id = %s", [another])
    lease_over(another)
    assert await export_making.make_all() == 0
    assert _state(owner_connection, another) == ("failed", 3)


async def test_a_fault_is_raised_and_tried_again_later(
    ada: Person,
    owner_connection: psycopg.Connection,
    lease_over: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    export_id = await _ask(ada)

    async def down(*_args: object) -> None:
        raise storage.StorageUnavailable

    monkeypatch.setattr(storage, "upload", down)
    for attempt in (1, 2, 3):
        with pytest.raises(storage.StorageUnavailable):
            await export_making.make_all()
        assert _state(owner_connection, export_id) == ("running", attempt)
        assert await export_making.make_all() == 0
        lease_over(export_id)
    assert await export_making.make_all() == 0
    assert _state(owner_connection, export_id) == ("failed", 3)


async def test_workers_do_not_make_the_same_export(people: People, owner_connection: psycopg.Connection) -> None:
    asked = [await _ask(await people.person(f"Asker{number}")) for number in range(4)]
    made = await asyncio.gather(*[export_making.make_all() for _ in range(2)])
    assert sum(made) == 4
    assert {_state(owner_connection, each) for each in asked} == {("ready", 1)}


async def test_the_export_of_somebody_who_leaves_meanwhile_is_not_kept(
    ada: Person, owner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_id = await _ask(ada)
    write = export_archive.write

    async def leaves(*args: Any) -> None:
        await write(*args)
        assert (await delete_me(ada)).status_code == 204

    monkeypatch.setattr(export_archive, "write", leaves)
    assert await export_making.make_all() == 0
    assert _state(owner_connection, export_id) == ("failed", 1)
    listed = storage.client().list_objects_v2(Bucket=ACCOUNTS_BUCKET, Prefix=f"exports/{ada.id}/")
    assert listed["KeyCount"] == 0
    query = "SELECT count(*) FROM auth.audit_log WHERE user_id = %s AND event = 'export_ready'"
    assert owner_connection.execute(query, [ada.id]).fetchone() == (0,)


async def test_after_a_week_an_export_is_gone(ada: Person, owner_connection: psycopg.Connection) -> None:
    export_id = await _ask(ada)
    await background.run_due()
    url = (await _read(ada, export_id))["download"]["url"]
    owner_connection.execute("UPDATE auth.exports SET expires_at = now() WHERE id = %s", [export_id])
    assert await sweeping.expire_exports() == 1
    shown = await _read(ada, export_id)
    assert (shown["status"], shown["download"]) == ("expired", None)
    async with httpx.AsyncClient() as browser:
        assert (await browser.get(url)).status_code == 404


async def test_a_long_history_is_whole(ada: Person, owner_connection: psycopg.Connection) -> None:
    """More rows than are fetched at a time."""
    await ada.account(1)
    many = """INSERT INTO money.idempotency_keys (principal_id, key, fingerprint, outcome)
        SELECT %s, 'k' || n, '', '{}' FROM generate_series(1, 2345) AS n"""
    owner_connection.execute(many, [ada.id])
    requests = json.loads((await _archive(ada))["money_requests.json"])
    assert len(requests) == 2345 + 2
