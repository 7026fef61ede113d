"""One uploaded workbook becomes one dataset, all or nothing."""

import asyncio
import logging
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

from analytics import claims, object_store, service
from analytics.claims import Claim
from analytics.columnar import write_parquet
from analytics.limits import limits
from analytics.object_keys import parquet_key, parse_upload_key
from analytics.profile import profile_table
from analytics.publishing import dataset_id_of, give_up, keep_names, publish, wanted_of
from analytics.reader import Told, read_in_child
from analytics.refusal import WorkbookRefused
from analytics.told_types import ToldType
from analytics.upload_events import StoredObject
from common.db import transaction
from common.models.analytics import Dataset

_log = logging.getLogger("artel.uploads")
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
        if upload is None:
            _log.info("event of a deleted upload", extra={"key": stored.key})
            return
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
        await _fail(claim, str(refusal))
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
        await _fail(claim, "The file could not be read because of a fault on our side, several times over.")


async def _fail(claim: Claim, reason: str) -> None:
    async with transaction("analytics") as session:
        await give_up(session, claim, reason)


async def _read_and_publish(claim: Claim, directory: Path) -> None:
    workbook = directory / "workbook.xlsx"
    await object_store.fetch(claim.bucket, claim.key, claim.etag, workbook, limits())
    reported = 0.0

    async def progress(share: float, rows: int) -> None:
        nonlocal reported
        if time.monotonic() - reported >= _REPORT_SECONDS:
            reported = time.monotonic()
            await claims.report(claim, int(share * _READ_PERCENT), rows)

    async with transaction("analytics") as session:
        before = await session.get(Dataset, dataset_id_of(claim))
        former = [] if before is None else await service.tables_of(session, claim.user_id, before.id)
    if before is None and claim.replaces is not None:
        raise WorkbookRefused("The dataset whose workbook this was to be is not there any more.")
    read = await read_in_child(workbook, directory, limits(), progress, _told_types(before))
    if claim.replaces is not None:
        keep_names(former, read["tables"])
    rows = sum(table["rows"] for table in read["tables"])
    for position, table in enumerate(read["tables"], start=1):
        share = position / len(read["tables"])
        await _store_table(claim, 0 if before is None else before.revision + 1, position, table, directory)
        await claims.report(claim, _READ_PERCENT + int(share * (99 - _READ_PERCENT)), rows)
    async with transaction("analytics") as session:
        await publish(session, claim, before, read)


def _told_types(before: Dataset | None) -> Told:
    """Under "" those of all tables: for one that the dataset does not know by its name yet."""
    told = {
        table: {
            name: ToldType(each["type"], each.get("date_format"), each.get("decimal_mark"))
            for name, each in columns.items()
            if "type" in each
        }
        for table, columns in wanted_of(before).items()
    }
    return told | {"": {name: each for columns in told.values() for name, each in columns.items()}} if told else told


async def _store_table(claim: Claim, revision: int, position: int, table: dict[str, Any], directory: Path) -> None:
    """Adds what its row needs to `table`: the columns' profiles, the key and ETag of the Parquet file."""
    parquet = directory / f"table-{position}.parquet"
    await asyncio.to_thread(write_parquet, directory / table["csv"], table["columns"], parquet)
    profiles = await asyncio.to_thread(profile_table, parquet, table["columns"])
    for column, profile in zip(table["columns"], profiles, strict=True):
        column["profile"] = profile
    table["key"] = parquet_key(dataset_id_of(claim), claim.upload_id, revision, position)
    table["etag"] = await object_store.store(parquet, claim.bucket, table["key"])
