"""`make bench-analytics`: from the event of an upload to a dataset that can be queried, and queries of a million rows.

A workbook of 100,000 × 10 cells is compared with pandas merely reading it by openpyxl in the same run; one of ten such
sheets with it; queries with the same SQL in DuckDB directly. Memory is the greatest that the function's process and the child
that reads have at one moment, together.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, unquote_plus
from uuid import UUID

from sqlalchemy import select

from common import storage
from common.db import dispose_engines, transaction
from common.models.analytics import Upload
from common.settings import settings
from server import emulator
from tests.analytics.books import book
from tests.bench.money import connect, people
from tests.bench.served import database

ROWS, SHEETS = 100_000, 10
BUCKET = "artel-bench-uploads"
MOST_OF_PANDAS, MOST_MB, MOST_TIMES, MOST_OF_DUCKDB, MOST_QUERY_S = 0.25, 350, 12, 1.5, 0.2
WARM = book([["Who", "Paid"], ["Ann", 1.5], ["Bo", 2]])
_CITIES = ["Омск", "Тула", "Oslo", "Riga", "Tallinn", "Berlin", "Paris", "Madrid"]


def workbook(path: Path, sheets: int) -> None:
    """Ten columns of the usual kinds, `ROWS` rows a sheet."""
    import openpyxl

    chance = random.Random(7)
    made = openpyxl.Workbook(write_only=True)
    names = ["Order", "Day", "City", "Product", "Pieces", "Price", "Total", "Paid", "Weight", "Note"]
    for number in range(sheets):
        sheet = made.create_sheet(f"Part {number + 1}")
        sheet.append(names)
        for row in range(ROWS):
            pieces, price = chance.randrange(1, 50), chance.randrange(100, 100_000) / 100
            sheet.append(
                [
                    number * ROWS + row,
                    date(2020, 1, 1) + timedelta(days=chance.randrange(1500)),
                    chance.choice(_CITIES),
                    f"product {chance.randrange(500)}",
                    pieces,
                    price,
                    round(pieces * price, 2),
                    chance.random() < 0.9,
                    chance.random() * 10,
                    "as usual" if row % 3 else None,
                ]
            )
    made.save(path)


def _event(key: str, etag: str, size: int) -> dict[str, Any]:
    stored = {"key": quote_plus(key), "eTag": etag.strip('"'), "size": size}
    record = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": BUCKET}, "object": stored}}
    return {"Records": [record]}


def ingested(owner: UUID, path: Path) -> tuple[float, int]:
    """(seconds, MB): in a process of its own, warm as a function is that has read a workbook before."""
    key = f"drop/{owner}/{path.name}"
    warm = _put(f"drop/{owner}/warm-{path.name}", WARM)
    event = _put(key, path.read_bytes())
    command = [sys.executable, "-m", "tests.bench.analytics", "--event", json.dumps([warm, event])]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    told = json.loads(done.stdout.splitlines()[-1])
    return told["seconds"], told["mb"]


def _put(key: str, content: bytes) -> dict[str, Any]:
    etag = storage.client().put_object(Bucket=BUCKET, Key=key, Body=content)["ETag"]
    return _event(key, etag, len(content))


def _ingest(events: list[dict[str, Any]]) -> None:
    """The last one is what counts."""
    from analytics.upload_handler import process

    async def run() -> float:
        for event in events:
            begun = time.perf_counter()
            await process(event)
            took = time.perf_counter() - begun
        key = unquote_plus(events[-1]["Records"][0]["s3"]["object"]["key"])
        async with transaction("analytics") as session:
            state, error = (await session.execute(select(Upload.state, Upload.error).where(Upload.key == key))).one()
        await dispose_engines()
        if state != "done":
            raise RuntimeError(f"{key}: {state}, {error}")
        return took

    with resident() as most:
        seconds = asyncio.run(run())
    print(json.dumps({"seconds": seconds, "mb": most[0] // 2**20}))


@contextmanager
def resident() -> Iterator[list[int]]:
    """The most bytes that this process and its children had in memory at one moment, looked at every 10 ms."""
    most, ended = [0], threading.Event()

    def look() -> None:
        page = os.sysconf("SC_PAGE_SIZE")
        while not ended.wait(0.01):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
                sizes = [Path(f"/proc/{each}/statm").read_text().split()[1] for each in (os.getpid(), *children)]
                most[0] = max(most[0], sum(map(int, sizes)) * page)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield most
    finally:
        ended.set()
        watcher.join()


def _by_pandas(path: Path) -> float:
    import pandas as pd

    begun = time.perf_counter()
    pd.read_excel(path, engine="openpyxl")
    return time.perf_counter() - begun


async def _queries(owner: UUID, rounds: int) -> list[tuple[str, float, float]]:
    """(what, our seconds, DuckDB's): medians."""
    import duckdb

    from analytics import query_run, service
    from analytics.dataset_files import local_copy
    from analytics.query_schemas import DatasetQuery
    from analytics.query_sources import choose_sources, common_columns
    from analytics.query_sql import build

    asked: dict[str, dict[str, Any]] = {
        "by city, paid and month": {
            "measures": [{"op": "sum", "column": "Total"}, {"op": "count"}],
            "group_by": [{"column": "City"}, {"column": "Paid"}, {"column": "Day", "grain": "month"}],
            "limit": 1_000,
        },
        "the same by product (20,000 lines)": {
            "measures": [{"op": "sum", "column": "Total"}, {"op": "count"}],
            "group_by": [{"column": "City"}, {"column": "Product"}, {"column": "Day", "grain": "month"}],
            "limit": 20_000,
        },
        "one sum, filtered": {
            "measures": [{"op": "sum", "column": "Total"}],
            "filters": [{"column": "City", "op": "eq", "value": "Омск"}],
        },
    }
    async with transaction("analytics") as session:
        newest = (await service.list_datasets(session, owner, None, 1)).items[0]
        (table,) = await service.tables_of(session, owner, newest.id)
    file = await local_copy(table)
    found = []
    for name, text in asked.items():
        query = DatasetQuery.model_validate(text)
        sources = choose_sources(query, [service.query_table(table)])
        statement = build(query, sources, common_columns(query, sources), {table.position: file})
        ours, theirs = [], []
        with duckdb.connect(config={"threads": 2}) as connection:
            for _ in range(rounds):
                begun = time.perf_counter()
                await query_run.run(statement, [file], query.limit)
                ours.append(time.perf_counter() - begun)
                begun = time.perf_counter()
                connection.execute(statement.sql, statement.parameters).fetchall()
                theirs.append(time.perf_counter() - begun)
        found.append((name, statistics.median(ours), statistics.median(theirs)))
    await dispose_engines()
    return found


def _line(name: str, figure: str, value: float, most: float) -> None:
    print(f"  {name:44}{figure:>24}   {value:6.2f}   goal at most {most:g}{' MISSED' if value > most else ''}")


def compare(folder: Path, rounds: int) -> None:
    owner = asyncio.run(_somebody())
    small, large = folder / "small.xlsx", folder / "large.xlsx"
    workbook(small, 1)
    workbook(large, SHEETS)
    pandas, ours, memory = [], [], 0
    for number in range(rounds):
        pandas.append(_by_pandas(small))
        again = folder / f"small-{number}.xlsx"
        again.write_bytes(small.read_bytes())
        seconds, mb = ingested(owner, again)
        ours.append(seconds)
        memory = max(memory, mb)
    million, mb = ingested(owner, large)
    took, read = statistics.median(ours), statistics.median(pandas)
    print(f"\nWorkbooks of {ROWS:,} × 10, medians of {rounds} rounds")
    _line("event to dataset, of pandas reading", f"{took:.2f} s of {read:.2f} s", took / read, MOST_OF_PANDAS)
    _line("its memory, MB", f"{SHEETS} sheets: {mb}", memory, MOST_MB)
    _line(f"{SHEETS * ROWS:,} rows, times as long", f"{million:.2f} s", million / took, MOST_TIMES)
    for name, seconds, direct in asyncio.run(_queries(owner, 9)):
        if "lines" in name:
            print(f"  query {name}: {seconds:.2f} s, DuckDB {direct:.3f} s")
        else:
            _line(f"query {name}, s", f"DuckDB {direct:.3f} s", seconds, MOST_QUERY_S)
        _line("  of DuckDB alone", "", seconds / direct, MOST_OF_DUCKDB)


async def _somebody() -> UUID:
    await people(1)
    await dispose_engines()
    with connect(str(os.environ["DATABASE_URL"])) as connection:
        row = connection.execute("SELECT id FROM auth.users LIMIT 1").fetchone()
    assert row is not None
    return UUID(str(row[0]))


def _with_store(folder: Path, work: Callable[[], None]) -> None:
    aws = emulator.Emulator(folder, folder)
    aws.launch()
    try:
        aws.wait()
        os.environ.update(emulator.client_environment(aws.url) | {"UPLOADS_BUCKET": BUCKET})
        settings.cache_clear()
        storage.client().create_bucket(Bucket=BUCKET)
        work()
    finally:
        aws.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--event", help="only process these events, and tell how long the last one took")
    options = parser.parse_args()
    if options.event:
        _ingest(json.loads(options.event))
        return 0
    os.environ["PUBLIC_URL"] = "http://localhost:8000"
    with tempfile.TemporaryDirectory(prefix="artel-bench-") as folder, database():
        _with_store(Path(folder), lambda: compare(Path(folder), options.rounds))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
