"""A person's exports, as they see them. auth.export_making makes them, in the background."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, limits
from auth.client import Client
from auth.errors import ExportNotFound
from auth.limits import Limit
from auth.schemas.exports import Download, ExportDetail, ExportList, ExportRead
from common import storage
from common.models.auth import User
from common.models.auth_records import Export

_DOWNLOAD_LIFE_S = 300
_SHOWN = 50


async def ask(session: AsyncSession, user_id: UUID, client: Client) -> ExportRead:
    """One at a time: while one is being made, that one is returned. Raises TooManyRequests, StorageNotConfigured."""
    storage.accounts_bucket()
    await session.execute(select(User.id).where(User.id == user_id).with_for_update())
    under_way = select(Export).where(Export.user_id == user_id, Export.status.in_(("queued", "running")))
    export = await session.scalar(under_way)
    if export is None:
        await limits.hit(Limit("export", (str(user_id),)))
        export = Export(user_id=user_id)
        session.add(export)
        await session.flush()
        await session.refresh(export)
        await audit.note(session, "export_asked", user_id, client, export=str(export.id))
    return ExportRead.model_validate(export)


async def listed(session: AsyncSession, user_id: UUID) -> ExportList:
    """The newest first."""
    query = select(Export).where(Export.user_id == user_id).order_by(Export.id.desc()).limit(_SHOWN)
    return ExportList(items=[ExportRead.model_validate(export) for export in await session.scalars(query)])


async def read(session: AsyncSession, user_id: UUID, export_id: UUID, client: Client) -> ExportDetail:
    """Raises ExportNotFound."""
    export = await session.scalar(select(Export).where(Export.id == export_id, Export.user_id == user_id))
    if export is None:
        raise ExportNotFound
    shown = ExportDetail.model_validate(export, from_attributes=True)
    if export.status == "ready" and export.object_key:
        filename = f"artel-{export.created_at:%Y-%m-%d}.zip"
        url = await storage.presigned_get(storage.accounts_bucket(), export.object_key, filename, _DOWNLOAD_LIFE_S)
        shown.download = Download(url=url, expires_in=_DOWNLOAD_LIFE_S)
        await audit.note(session, "export_read", user_id, client, export=str(export.id))
    return shown
