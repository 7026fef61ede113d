from uuid import UUID

from fastapi import APIRouter, Response

from analytics import service
from analytics.errors import (
    DatasetNotFound,
    FileTooLarge,
    InvalidQuery,
    QueryTooHeavy,
    UnsupportedFileType,
    UploadNotFound,
)
from analytics.query_schemas import DatasetQuery, QueryResult
from analytics.routes.access import Reader, Writer
from analytics.schemas import (
    DatasetRead,
    DatasetSummary,
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


@router.post("/uploads", status_code=201, responses=problems(FileTooLarge, UnsupportedFileType, StorageUnavailable))
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
