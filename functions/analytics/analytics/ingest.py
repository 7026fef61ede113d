"""One uploaded workbook becomes one dataset, all or nothing."""

import asyncio
import logging
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import func, insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from analytics import claims, first_dashboard, object_store
from analytics.claims import Claim
from analytics.columnar import write_parquet
from analytics.limits import limits
from analytics.object_keys import parquet_key, parse_upload_key
from analytics.profile import profile_table
from analytics.reader import read_in_child
from analytics.refusal import WorkbookRefused
from analytics.upload_events import StoredObject
from common.db import transaction
from common.models.analytics import Dataset, DatasetTable, UploadProblem
from common.models.analytics_dashboards import Dashboard

_log = logging.getLogger("artel.uploads")
_NAMESPACE = UUID("7b0a4b9e-9c0c-5b8e-8d51-4f7f2f0a6f11")
_READ_PERCENT = 70
_REPORT_SECONDS = 0.5
_WAIT_SECONDS = 20.0
_KNOWN_USER = text("SELECT EXISTS (SELECT FROM identity.people WHERE id = :id)")


class UnknownOwner(RuntimeError):
    """The key names no user: the message goes to the dead letters, where an operator sees the key."""


class Busy(RuntimeError):
    """Another worker is processing this upload and may yet die: the message must come again."""


async def ingest(stored: StoredObject) -> None:
    """Returns when the upload is done or failed for good. Anything raised means: try again later."""
    key = parse_upload_key(stored.key)
    if key is None:
        raise UnknownOwner(f"no upload's key: {stored.key!r}")
    etag = stored.etag or await object_store.etag_of(stored.bucket, stored.key)
    async with transaction("analytics") as session:
        if not await session.scalar(_KNOWN_USER, {"id": key.user_id}):
            raise UnknownOwner(f"no such user: {stored.key!r}")
        upload = await claims.find_upload(session, stored, etag, key.user_id)
        claim = await claims.take(session, upload)
    if claim is not None:
        await _process(claim)
    else:
        await _wait(upload.id, stored)


async def _wait(upload_id: UUID, stored: StoredObject) -> None:
    """For whoever is at it: if he dies, this delivery is the one that must be tried again."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while not await claims.settled(upload_id):
        if time.monotonic() > deadline:
            raise Busy(stored.key)
        await asyncio.sleep(_REPORT_SECONDS)


async def _process(claim: Claim) -> None:
    settled = False
    try:
        with tempfile.TemporaryDirectory(prefix="artel-upload-") as directory:
            async with claims.kept(claim):
                await _read_and_publish(claim, Path(directory))
        settled = True
    except WorkbookRefused as refusal:
        _log.info("workbook refused", extra={"upload": str(claim.upload_id), "reason": str(refusal)})
        await claims.fail(claim, str(refusal))
        settled = True
    except claims.LeaseLost:
        settled = True  # by the worker that took it over
        raise
    finally:
        if not settled:
            await _give_back(claim)


async def _give_back(claim: Claim) -> None:
    """After a fault that is not the workbook's."""
    if claim.attempt % claims.MAX_ATTEMPTS:
        await claims.release(claim)
    else:
        await claims.fail(claim, "The file could not be read because of a fault on our side, several times over.")


async def _read_and_publish(claim: Claim, directory: Path) -> None:
    workbook = directory / "workbook.xlsx"
    await object_store.fetch(claim.bucket, claim.key, claim.etag, workbook, limits())
    reported = 0.0

    async def progress(share: float, rows: int) -> None:
        nonlocal reported
        if time.monotonic() - reported >= _REPORT_SECONDS:
            reported = time.monotonic()
            await claims.report(claim, int(share * _READ_PERCENT), rows)

    read = await read_in_child(workbook, directory, limits(), progress)
    dataset_id = uuid5(_NAMESPACE, str(claim.upload_id))  # a second attempt overwrites the files of the first
    rows = sum(table["rows"] for table in read["tables"])
    for position, table in enumerate(read["tables"], start=1):
        share = position / len(read["tables"])
        await _store_table(claim, dataset_id, position, table, directory)
        await claims.report(claim, _READ_PERCENT + int(share * (99 - _READ_PERCENT)), rows)
    async with transaction("analytics") as session:
        await _publish(session, claim, dataset_id, read)


async def _store_table(claim: Claim, dataset_id: UUID, position: int, table: dict[str, Any], directory: Path) -> None:
    """Adds what its row needs to `table`: the columns' profiles, the key and ETag of the Parquet file."""
    parquet = directory / f"table-{position}.parquet"
    await asyncio.to_thread(write_parquet, directory / table["csv"], table["columns"], parquet)
    profiles = await asyncio.to_thread(profile_table, parquet, table["columns"])
    for column, profile in zip(table["columns"], profiles, strict=True):
        column["profile"] = profile
    table["key"] = parquet_key(dataset_id, position)
    table["etag"] = await object_store.store(parquet, claim.bucket, table["key"])


async def _publish(session: AsyncSession, claim: Claim, dataset_id: UUID, read: dict[str, Any]) -> None:
    """The upload's row comes first: its lock and the claim in it keep a worker that lost its lease out."""
    counts = {name: sum(table[name] for table in read["tables"]) for name in ("rows", "refused")}
    await claims.write(
        session,
        claim,
        state="done",
        percent=100,
        rows_read=counts["rows"],
        rows_refused=counts["refused"],
        problems_count=read["problems_count"],
        claimed_until=None,
        finished_at=func.now(),
    )
    dataset = {"id": dataset_id, "user_id": claim.user_id, "upload_id": claim.upload_id, "notes": read["notes"]}
    name = claim.filename.rsplit(".", 1)[0] or claim.filename
    await session.execute(insert(Dataset).values(**dataset, name=name, problems_count=read["problems_count"]))
    tables = [_table_row(claim, dataset_id, i, table) for i, table in enumerate(read["tables"], start=1)]
    await session.execute(insert(DatasetTable), tables)
    await _make_dashboard(session, claim.user_id, dataset_id, name, tables)
    if read["problems"]:
        problems = [{"upload_id": claim.upload_id, "position": i, **p} for i, p in enumerate(read["problems"], start=1)]
        await session.execute(insert(UploadProblem), problems)


async def _make_dashboard(
    session: AsyncSession, user_id: UUID, dataset_id: UUID, name: str, tables: list[dict[str, Any]]
) -> None:
    widgets = first_dashboard.widgets(dataset_id, tables)
    made = [widget.model_dump(mode="json", by_alias=True, exclude_unset=True) for widget in widgets]
    dashboard = {"user_id": user_id, "dataset_id": dataset_id, "name": name[:200], "widgets": made}
    await session.execute(insert(Dashboard).values(**dashboard, filters={"columns": []}))


def _table_row(claim: Claim, dataset_id: UUID, position: int, table: dict[str, Any]) -> dict[str, Any]:
    return {
        "dataset_id": dataset_id,
        "position": position,
        **{name: table[name] for name in ("name", "sheets", "hidden", "rows", "notes", "key", "etag")},
        "rows_refused": table["refused"],
        "bucket": claim.bucket,
        "columns": [_column(column) for column in table["columns"]],
    }


def _column(column: dict[str, Any]) -> dict[str, Any]:
    kind = column["type"]
    return {
        "name": column["name"],
        "title": column["name"],
        "type": kind["name"],
        "scale": kind["scale"],
        "role": kind["role"],
        "note": kind["note"],
        "profile": column["profile"],
    }
