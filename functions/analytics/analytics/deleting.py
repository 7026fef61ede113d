"""Deleting uploads and datasets. Their rows are gone at once; their files are put away in the background, however often that fails."""

from uuid import UUID

from sqlalchemy import delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from analytics.errors import DatasetBusy, DatasetNotFound, UploadBusy, UploadIsDataset, UploadNotFound
from analytics.object_keys import dataset_folder
from common.models.analytics import Dataset, DatasetTable, StaleFile, Upload, UploadProblem

_LEAVE_FILE = text("SELECT analytics.leave_file(:bucket, :key)")


async def delete_upload(session: AsyncSession, user_id: UUID, upload_id: UUID) -> None:
    """One that has not become a dataset. Raises UploadNotFound, UploadIsDataset, UploadBusy."""
    upload = await session.scalar(
        select(Upload).where(Upload.id == upload_id, Upload.user_id == user_id).with_for_update()
    )
    if upload is None:
        raise UploadNotFound
    if await session.scalar(select(Dataset.id).where(Dataset.upload_id == upload_id)):
        raise UploadIsDataset
    if upload.state == "processing":
        raise UploadBusy
    await _delete_upload(session, upload)


async def delete_dataset(session: AsyncSession, user_id: UUID, dataset_id: UUID) -> None:
    """With the upload it came from. Raises DatasetNotFound, DatasetBusy."""
    dataset = await session.scalar(
        select(Dataset).where(Dataset.id == dataset_id, Dataset.user_id == user_id).with_for_update()
    )
    if dataset is None:
        raise DatasetNotFound
    upload = await session.get_one(Upload, dataset.upload_id, with_for_update=True)
    if upload.state == "processing":
        raise DatasetBusy
    await session.execute(delete(DatasetTable).where(DatasetTable.dataset_id == dataset_id))
    await session.execute(delete(Dataset).where(Dataset.id == dataset_id))
    await session.execute(insert(StaleFile).values(bucket=upload.bucket, key=dataset_folder(dataset_id)))
    await _delete_upload(session, upload)


async def _delete_upload(session: AsyncSession, upload: Upload) -> None:
    bucket, key = upload.bucket, upload.key
    await session.execute(delete(UploadProblem).where(UploadProblem.upload_id == upload.id))
    await session.execute(delete(Upload).where(Upload.id == upload.id))
    await session.execute(_LEAVE_FILE, {"bucket": bucket, "key": key})
