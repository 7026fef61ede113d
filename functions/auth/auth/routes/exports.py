from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Response

from auth.client import FromClient
from auth.errors import ExportNotFound, TooManyRequests
from auth.nudge import nudge
from auth.recent_login import Self
from auth.schemas.exports import ExportDetail, ExportList, ExportRead
from auth.service import exports
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.storage import StorageNotConfigured, StorageUnavailable

router = APIRouter(responses=problems(Unauthorized, Forbidden))


@router.post("/me/export", status_code=202, responses=problems(TooManyRequests, StorageNotConfigured))
async def ask_for_export(user: Self, session: DbSession, client: FromClient, background: BackgroundTasks) -> ExportRead:
    """Have everything that Artel holds about you put into a zip file. A letter comes when it is ready."""
    asked = await exports.ask(session, user.id, client)
    background.add_task(nudge)
    return asked


@router.get("/me/export")
async def list_exports(user: Self, session: DbSession) -> ExportList:
    """Your exports, the newest first."""
    return await exports.listed(session, user.id)


@router.get("/me/export/{export_id}", responses=problems(ExportNotFound, StorageUnavailable))
async def read_export(
    export_id: UUID, user: Self, session: DbSession, client: FromClient, response: Response
) -> ExportDetail:
    """How far it is, and once it is ready an address to download it from, which works for five minutes."""
    response.headers["Cache-Control"] = "no-store"
    return await exports.read(session, user.id, export_id, client)
