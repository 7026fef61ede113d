"""Uploads and datasets of a person. Whatever is another's does not exist."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from analytics import query_run, rows
from analytics.dataset_files import local_copy
from analytics.errors import DatasetNotFound, FileTooLarge, UnsupportedFileType, UploadNotFound
from analytics.limits import limits
from analytics.object_keys import upload_key
from analytics.query_schemas import DatasetQuery, RowsQuery
from analytics.query_sources import Column, QueryTable, choose_sources, common_columns
from analytics.query_sql import build
from analytics.schemas import (
    CellProblem,
    DatasetRead,
    DatasetSummary,
    TableRead,
    TableSummary,
    UploadCreate,
    UploadCreated,
    UploadRead,
    UploadSummary,
)
from common import storage
from common.models.analytics import Dataset, DatasetTable, Upload, UploadProblem
from common.pagination import Page, decode_cursor, page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def create_upload(session: AsyncSession, user_id: UUID, order: UploadCreate) -> UploadCreated:
    """A form for exactly this file: the store itself refuses a larger one or another type.

    Raises UnsupportedFileType, FileTooLarge, DatasetNotFound, StorageUnavailable.
    """
    if not order.filename.lower().endswith(".xlsx"):
        raise UnsupportedFileType
    if order.size > limits().file_bytes:
        raise FileTooLarge(f"An upload may have {limits().file_bytes} bytes; this file has {order.size}.")
    if order.replaces is not None:
        own = select(Dataset.id).where(Dataset.id == order.replaces, Dataset.user_id == user_id)
        if await session.scalar(own) is None:
            raise DatasetNotFound
    upload_id = (await session.execute(select(func.uuidv7()))).scalar_one()
    bucket, key = storage.uploads_bucket(), upload_key(user_id, upload_id, order.filename)
    place = {"bucket": bucket, "key": key, "replaces": order.replaces}
    session.add(Upload(id=upload_id, user_id=user_id, **place, filename=order.filename, size=order.size))
    form = await storage.presigned_post(bucket, key, XLSX, limits().file_bytes)
    return UploadCreated(id=upload_id, url=form["url"], fields=form["fields"])


async def list_uploads(session: AsyncSession, user_id: UUID, cursor: str | None, limit: int) -> Page[UploadSummary]:
    query = _uploads(user_id).order_by(Upload.created_at.desc(), Upload.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(tuple_(Upload.created_at, Upload.id) < decode_cursor(cursor, tuple[datetime, UUID]))
    found = (await session.execute(query)).all()
    return page(found, limit, lambda row: UploadSummary(**_upload(*row)), lambda row: (row[0].created_at, row[0].id))


async def read_upload(session: AsyncSession, user_id: UUID, upload_id: UUID) -> UploadRead:
    row = (await session.execute(_uploads(user_id).where(Upload.id == upload_id))).one_or_none()
    if row is None:
        raise UploadNotFound
    problems = await session.scalars(
        select(UploadProblem).where(UploadProblem.upload_id == upload_id).order_by(UploadProblem.position)
    )
    return UploadRead(**_upload(*row), problems=[CellProblem.model_validate(problem) for problem in problems])


async def read_summary(session: AsyncSession, user_id: UUID, upload_id: UUID) -> UploadSummary:
    """Without its problems."""
    row = (await session.execute(_uploads(user_id).where(Upload.id == upload_id))).one_or_none()
    if row is None:
        raise UploadNotFound
    return UploadSummary(**_upload(*row))


def _uploads(user_id: UUID) -> Select[Upload, UUID]:
    return (
        select(Upload, Dataset.id).outerjoin(Dataset, Dataset.upload_id == Upload.id).where(Upload.user_id == user_id)
    )


def _upload(upload: Upload, dataset_id: UUID | None) -> dict[str, Any]:
    names = ("id", "filename", "state", "percent", "rows_read", "rows_refused", "problems_count", "error", "created_at")
    return {"dataset_id": dataset_id, **{name: getattr(upload, name) for name in names}}


async def list_datasets(session: AsyncSession, user_id: UUID, cursor: str | None, limit: int) -> Page[DatasetSummary]:
    query = select(Dataset).where(Dataset.user_id == user_id)
    query = query.order_by(Dataset.created_at.desc(), Dataset.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(tuple_(Dataset.created_at, Dataset.id) < decode_cursor(cursor, tuple[datetime, UUID]))
    datasets = (await session.scalars(query)).all()
    tables = await session.execute(
        select(DatasetTable.dataset_id, DatasetTable.name, DatasetTable.rows)
        .where(DatasetTable.dataset_id.in_([dataset.id for dataset in datasets]))
        .order_by(DatasetTable.position)
    )
    by_dataset: dict[UUID, list[TableSummary]] = {dataset.id: [] for dataset in datasets}
    for dataset_id, name, count in tables:
        by_dataset[dataset_id].append(TableSummary(name=name, rows=count))
    return page(datasets, limit, lambda d: _summary(d, by_dataset[d.id]), lambda d: (d.created_at, d.id))


def _summary(dataset: Dataset, tables: list[TableSummary]) -> DatasetSummary:
    return DatasetSummary(
        id=dataset.id,
        name=dataset.name,
        created_at=dataset.created_at,
        problems_count=dataset.problems_count,
        tables=tables,
    )


async def read_dataset(session: AsyncSession, user_id: UUID, dataset_id: UUID) -> DatasetRead:
    dataset = await session.scalar(select(Dataset).where(Dataset.id == dataset_id, Dataset.user_id == user_id))
    if dataset is None:
        raise DatasetNotFound
    tables = await tables_of(session, user_id, dataset_id)
    return DatasetRead(
        id=dataset.id,
        name=dataset.name,
        upload_id=dataset.upload_id,
        created_at=dataset.created_at,
        problems_count=dataset.problems_count,
        notes=dataset.notes,
        reading=dataset.wanted is not None,
        tables=[TableRead.model_validate(table) for table in tables],
    )


async def rename_dataset(session: AsyncSession, user_id: UUID, dataset_id: UUID, name: str) -> DatasetRead:
    await session.execute(update(Dataset).where(Dataset.id == dataset_id, Dataset.user_id == user_id).values(name=name))
    return await read_dataset(session, user_id, dataset_id)


async def tables_of(session: AsyncSession, user_id: UUID, dataset_id: UUID) -> list[DatasetTable]:
    query = (
        select(DatasetTable)
        .join(Dataset, Dataset.id == DatasetTable.dataset_id)
        .where(Dataset.id == dataset_id, Dataset.user_id == user_id)
        .order_by(DatasetTable.position)
    )
    return list(await session.scalars(query))


async def query_dataset(session: AsyncSession, user_id: UUID, dataset_id: UUID, query: DatasetQuery) -> bytes:
    """The JSON of a QueryResult."""
    stored = {table.position: table for table in await tables_of(session, user_id, dataset_id)}
    if not stored:
        raise DatasetNotFound
    sources = choose_sources(query, [query_table(table) for table in stored.values()])
    columns = common_columns(query, sources)
    await session.close()  # the connection serves others while the engine works
    files = {s.table.position: await local_copy(stored[s.table.position]) for s in sources}
    return await query_run.run(build(query, sources, columns, files), list(files.values()), query.limit)


async def read_rows(
    session: AsyncSession, user_id: UUID, dataset_id: UUID, table: str | None, query: RowsQuery, cursor: str | None
) -> bytes:
    """The JSON of a RowPage."""
    stored = {query_table(each): each for each in await tables_of(session, user_id, dataset_id)}
    if not stored:
        raise DatasetNotFound
    chosen = rows.only_table(list(stored), table)
    await session.close()  # the connection serves others while the engine works
    file = await local_copy(stored[chosen])
    return await rows.read(rows.build(chosen, query, file, cursor), file, query.limit)


def query_table(table: DatasetTable) -> QueryTable:
    columns = tuple(Column(column["name"], column["type"], column["scale"]) for column in table.columns)
    return QueryTable(table.position, table.name, tuple(table.sheets), columns)
