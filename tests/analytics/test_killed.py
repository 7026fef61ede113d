"""Workers that die in the middle, and disks that are full: there is one dataset in the end, and never half of one."""

import asyncio
import json
import os
import signal
import sys
import textwrap
from typing import Any

import psycopg
import pytest

from analytics.upload_handler import process
from tests.analytics.books import book
from tests.analytics.conftest import Uploader
from tests.analytics.test_ingest import datasets_of
from tests.people import Person

BOOK = book([["Who", "n"], *[[f"name {n}", n] for n in range(30_000)]])
WORKER = """
    import asyncio, json, resource, sys
    from datetime import timedelta
    from analytics import claims, ingest, object_store
    from analytics.upload_handler import process

    claims.LEASE = timedelta(seconds=2)
    ingest._REPORT_SECONDS = 0
    if limit := int(sys.argv[2]):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    async def told(claim, percent, rows):
        await report(claim, percent, rows)
        print("percent", percent, flush=True)

    async def stored(path, bucket, key):
        etag = await store(path, bucket, key)
        print("stored", flush=True)
        return etag

    report, claims.report = claims.report, told
    store, object_store.store = object_store.store, stored
    asyncio.run(process(json.loads(sys.argv[1])))
    print("done", flush=True)
"""


async def worker(event: dict[str, Any], *, largest_file: int = 0) -> asyncio.subprocess.Process:
    script = textwrap.dedent(WORKER)
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script, json.dumps(event), str(largest_file)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )


async def killed_when_it_says(event: dict[str, Any], line: str) -> None:
    running = await worker(event)
    assert running.stdout is not None
    async for said in running.stdout:
        if said.decode().startswith(line):
            running.send_signal(signal.SIGKILL)
            break
    assert await running.wait() == -signal.SIGKILL, line


@pytest.mark.parametrize("moment", ["percent", "stored"])
async def test_a_worker_that_is_killed_leaves_nothing_half_done(
    moment: str, ada: Person, uploader: Uploader, owner_connection: psycopg.Connection
) -> None:
    """While it reads, and after it has stored what it read."""
    identifier, event = await uploader.put(ada, BOOK)
    for _ in range(2):
        await killed_when_it_says(event, moment)
        assert (await uploader.read(ada, identifier))["state"] == "processing"
        assert datasets_of(owner_connection, ada) == 0
        await asyncio.sleep(2.5)  # the dead worker's lease
    await process(event)
    done = await uploader.read(ada, identifier)
    assert (done["state"], done["rows_read"]) == ("done", 30_000)
    assert datasets_of(owner_connection, ada) == 1


@pytest.mark.parametrize("most", [1_000, 100_000, 520_000])
async def test_a_full_disk_is_not_the_workbooks_fault(
    most: int, ada: Person, uploader: Uploader, owner_connection: psycopg.Connection
) -> None:
    """No file may become larger: neither the workbook, nor what is read out of it. The next delivery finds room."""
    assert 100_000 < len(BOOK) < 520_000
    identifier, event = await uploader.put(ada, BOOK)
    full = await worker(event, largest_file=most)
    said, errors = await full.communicate()
    assert full.returncode == 1, said
    assert b"File too large" in errors
    assert (await uploader.read(ada, identifier))["state"] == "processing"
    assert datasets_of(owner_connection, ada) == 0
    await process(event)
    done = await uploader.read(ada, identifier)
    assert (done["state"], done["rows_read"]) == ("done", 30_000)
