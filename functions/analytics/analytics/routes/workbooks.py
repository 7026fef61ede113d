from collections.abc import AsyncIterable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from analytics import correcting, deleting, progress, retrying, rows, service
from analytics.column_schemas import ColumnUpdate
from analytics.errors import (
    AmbiguousColumn,
    ColumnNotFound,
    DatasetBusy,
    DatasetNotFound,
    FileGone,
    FileTooLarge,
    InvalidQuery,
    NotFailed,
    QueryTooHeavy,
    TooManyWatchers,
    UnsupportedFileType,
    UploadBusy,
    UploadIsDataset,
    UploadNotFound,
)
from analytics.query_schemas import DatasetQuery, QueryResult, RowPage, RowsQuery
from analytics.routes.access import Reader, Writer
from analytics.schemas import (
    DatasetRead,
    DatasetSummary,
    DatasetUpdate,
    UploadCreate,
    UploadCreated,
    UploadRead,
    UploadSummary,
)
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from common.storage import StorageUnavailable

router = APIRouter(responses=problems(Unauthorized, Forbidden))


@router.post(
    "/uploads",
    status_code=201,
    responses=problems(DatasetNotFound, FileTooLarge, UnsupportedFileType, StorageUnavailable),
)
async def create_upload(order: UploadCreate, user: Writer, session: DbSession) -> UploadCreated:
    """Announce a workbook (.xlsx); the answer is the form to send it with, straight to the object store."""
    return await service.create_upload(session, user.id, order)


@router.get("/uploads", responses=problems(InvalidCursor))
async def list_uploads(
    user: Reader, session: DbSession, cursor: CursorQuery = None, limit: Limit = 20
) -> Page[UploadSummary]:
    """Your uploads, newest first."""
    return await service.list_uploads(session, user.id, cursor, limit)


@router.get("/uploads/{upload_id}", responses=problems(UploadNotFound))
async def read_upload(upload_id: UUID, user: Reader, session: DbSession) -> UploadRead:
    """How far an upload is, and which of its cells could not be read."""
    return await service.read_upload(session, user.id, upload_id)


async def _first_state(upload_id: UUID, user: Reader) -> UploadSummary:
    """Before the stream begins, so that errors are answers of their own."""
    progress.refuse_if_crowded()
    return await progress.now(user.id, upload_id)


@router.get(
    "/uploads/{upload_id}/events",
    response_class=EventSourceResponse,
    responses=problems(UploadNotFound, TooManyWatchers),
)
async def watch_upload(
    user: Reader, request: Request, first: Annotated[UploadSummary, Depends(_first_state)]
) -> AsyncIterable[ServerSentEvent]:
    """Progress as server-sent events, until the upload is done or failed. On Lambda one event tells how far it is now."""
    states = progress.watch(user.id, first)
    async for state in states:
        yield ServerSentEvent(data=state, event="upload", retry=2000)
        if "aws.event" in request.scope:  # replies are sent whole there: whoever watches comes again
            break
    await states.aclose()


@router.post(
    "/uploads/{upload_id}/retry",
    status_code=202,
    responses=problems(UploadNotFound, NotFailed, FileGone, StorageUnavailable),
)
async def retry_upload(upload_id: UUID, user: Writer) -> None:
    """Read the file of an upload that failed once more. Files of failed uploads are kept for seven days."""
    await retrying.retry(user.id, upload_id)


@router.delete("/uploads/{upload_id}", status_code=204, responses=problems(UploadNotFound, UploadBusy, UploadIsDataset))
async def delete_upload(upload_id: UUID, user: Writer, session: DbSession) -> None:
    """Delete an upload that has not become a dataset, and its file."""
    await deleting.delete_upload(session, user.id, upload_id)


@router.get("/datasets", responses=problems(InvalidCursor))
async def list_datasets(
    user: Reader, session: DbSession, cursor: CursorQuery = None, limit: Limit = 20
) -> Page[DatasetSummary]:
    """Your datasets, newest first."""
    return await service.list_datasets(session, user.id, cursor, limit)


@router.get("/datasets/{dataset_id}", responses=problems(DatasetNotFound))
async def read_dataset(dataset_id: UUID, user: Reader, session: DbSession) -> DatasetRead:
    """Tables, columns with their types and profiles, and what was assumed about them."""
    return await service.read_dataset(session, user.id, dataset_id)


@router.patch("/datasets/{dataset_id}", responses=problems(DatasetNotFound))
async def rename_dataset(dataset_id: UUID, change: DatasetUpdate, user: Writer, session: DbSession) -> DatasetRead:
    """Call a dataset something else."""
    return await service.rename_dataset(session, user.id, dataset_id, change.name)


@router.patch(
    "/datasets/{dataset_id}/columns/{name:path}",
    responses=problems(DatasetNotFound, ColumnNotFound, AmbiguousColumn, DatasetBusy, StorageUnavailable),
)
async def correct_column(
    dataset_id: UUID,
    name: Annotated[str, Path(max_length=300)],
    change: ColumnUpdate,
    user: Writer,
    table: Annotated[str | None, Query(max_length=300, description="Needed when several have the column.")] = None,
) -> DatasetRead:
    """Say what a column is called, measured in, or of which type. For another type the workbook is read again."""
    return await correcting.correct(user.id, dataset_id, table, name, change)


@router.delete("/datasets/{dataset_id}", status_code=204, responses=problems(DatasetNotFound, DatasetBusy))
async def delete_dataset(dataset_id: UUID, user: Writer, session: DbSession) -> None:
    """Delete a dataset for good: its rows, the upload it came from, and that one's file."""
    await deleting.delete_dataset(session, user.id, dataset_id)


Filters = Annotated[
    str | None,
    Query(
        max_length=10_000,
        description='A JSON array of filters as in a query: [{"column": "City", "op": "eq", "value": "Riga"}].',
    ),
]


@router.get(
    "/datasets/{dataset_id}/rows",
    response_class=Response,
    responses={
        200: {"model": RowPage},
        **problems(DatasetNotFound, InvalidQuery, InvalidCursor, QueryTooHeavy, StorageUnavailable),
    },
)
async def read_dataset_rows(
    dataset_id: UUID,
    user: Reader,
    session: DbSession,
    table: Annotated[str | None, Query(max_length=300, description="Needed when the dataset has several.")] = None,
    columns: Annotated[list[str] | None, Query(max_length=100, description="All, if none is named.")] = None,
    filters: Filters = None,
    sort: Annotated[str | None, Query(max_length=301, description="A column; `-` before it: largest first.")] = None,
    cursor: Annotated[str | None, Query(max_length=2_000, description="`next_cursor` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="Rows on a page.")] = 100,
) -> Response:
    """Rows as they stand in the table."""
    query = RowsQuery(columns=columns or [], filters=rows.filters_of(filters), sort=sort or None, limit=limit)
    answer = await service.read_rows(session, user.id, dataset_id, table, query, cursor)
    return Response(answer, media_type="application/json")


@router.post(
    "/datasets/{dataset_id}/query",
    response_class=Response,
    responses={
        200: {"model": QueryResult},
        **problems(DatasetNotFound, InvalidQuery, QueryTooHeavy, StorageUnavailable),
    },
)
async def query_dataset(dataset_id: UUID, query: DatasetQuery, user: Reader, session: DbSession) -> Response:
    """Measures by groups, filtered and ordered."""
    return Response(await service.query_dataset(session, user.id, dataset_id, query), media_type="application/json")
