"""What a person tells of a column: its title, unit and role at once, its type by reading the workbook again."""

from copy import deepcopy
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from analytics import claims, service
from analytics.column_schemas import ColumnUpdate
from analytics.columnar import SHEET_COLUMN
from analytics.errors import AmbiguousColumn, ColumnNotFound, DatasetBusy, DatasetNotFound
from analytics.publishing import described
from analytics.schemas import DatasetRead
from analytics.upload_queue import news_of, tell
from common.db import transaction
from common.models.analytics import Dataset, DatasetTable, Upload
from common.storage import StorageUnavailable

_TYPE = ("type", "date_format", "decimal_mark")


async def correct(user_id: UUID, dataset_id: UUID, table: str | None, name: str, change: ColumnUpdate) -> DatasetRead:
    """`reading` in the answer: the new type is there when the upload is done once more, and all is as before until then.

    Raises DatasetNotFound, ColumnNotFound, AmbiguousColumn, DatasetBusy, StorageUnavailable.
    """
    async with transaction("analytics") as session:
        dataset = await session.scalar(
            select(Dataset).where(Dataset.id == dataset_id, Dataset.user_id == user_id).with_for_update()
        )
        if dataset is None:
            raise DatasetNotFound
        upload = await session.scalar(select(Upload).where(Upload.id == dataset.upload_id).with_for_update())
        if upload is None or upload.state != "done":
            raise DatasetBusy
        found = _table(await service.tables_of(session, user_id, dataset_id), table, name)
        before = dataset.told.get(found.name, {}).get(name, {})
        now = _changed(before, change)
        told = _with(dataset.told, found.name, name, now)
        reading = any(before.get(key) != now.get(key) for key in _TYPE)
        if reading:
            await session.execute(update(Dataset).where(Dataset.id == dataset_id).values(wanted=told))
            await claims.again(session, upload)
        else:
            await session.execute(update(Dataset).where(Dataset.id == dataset_id).values(told=told))
            await _describe(session, found, name, now)
        news = news_of(upload)
    if reading:
        await _read_again(upload.id, dataset_id, news)
    async with transaction("analytics") as session:
        return await service.read_dataset(session, user_id, dataset_id)


def _table(tables: list[DatasetTable], wanted: str | None, name: str) -> DatasetTable:
    fitting = [
        table
        for table in tables
        if wanted in (None, table.name) and any(column["name"] == name for column in table.columns)
    ]
    if not fitting or name == SHEET_COLUMN:
        raise ColumnNotFound
    if len(fitting) > 1:
        raise AmbiguousColumn
    return fitting[0]


def _changed(before: dict[str, Any], change: ColumnUpdate) -> dict[str, Any]:
    """None takes back what was told. A type is told as a whole: with it goes how the old one was to be read."""
    given = change.model_dump(exclude_unset=True)
    kept = {key: value for key, value in before.items() if "type" not in given or key not in _TYPE}
    return {key: value for key, value in (kept | given).items() if value is not None}


def _with(told: dict[str, dict[str, Any]], table: str, name: str, now: dict[str, Any]) -> dict[str, dict[str, Any]]:
    result = deepcopy(told)
    result.setdefault(table, {})[name] = now
    return result


async def _describe(session: AsyncSession, table: DatasetTable, name: str, told: dict[str, Any]) -> None:
    columns = [described(column, told) if column["name"] == name else column for column in table.columns]
    this = (DatasetTable.dataset_id == table.dataset_id, DatasetTable.position == table.position)
    await session.execute(update(DatasetTable).where(*this).values(columns=columns))


async def _read_again(upload_id: UUID, dataset_id: UUID, news: str) -> None:
    try:
        await tell(news)
    except StorageUnavailable:
        async with transaction("analytics") as session:
            waiting = update(Upload).where(Upload.id == upload_id, Upload.state == "waiting")
            await session.execute(waiting.values(state="done", percent=100))
            await session.execute(update(Dataset).where(Dataset.id == dataset_id).values(wanted=None))
        raise
