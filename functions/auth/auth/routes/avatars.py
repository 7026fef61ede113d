from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Response

from auth.client import FromClient
from auth.errors import AvatarNotFound
from auth.recent_login import Self
from auth.schemas.account import Me
from auth.schemas.avatars import AvatarChoice, AvatarForm, AvatarUpload, Size
from auth.service import avatars
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.pictures import CONTENT_TYPE, InvalidImage
from common.storage import StorageNotConfigured, StorageUnavailable

router = APIRouter()

_OWN = problems(Unauthorized, Forbidden)
_STORE = problems(StorageNotConfigured, StorageUnavailable)


@router.post("/me/avatar", status_code=201, responses=_OWN | _STORE)
async def upload_avatar(order: AvatarUpload, user: Self, response: Response) -> AvatarForm:
    """Begin to set a picture: where to send a PNG, JPEG, WebP or GIF of up to 10 MB within 15 minutes."""
    response.headers["Cache-Control"] = "no-store"
    return await avatars.form(user.id, order)


@router.put("/me/avatar", responses=_OWN | _STORE | problems(AvatarNotFound, InvalidImage))
async def choose_avatar(
    choice: AvatarChoice, user: Self, session: DbSession, client: FromClient, background: BackgroundTasks
) -> Me:
    """Make the file that was sent your picture: cut to a square, without whatever else was in the file."""
    me, former = await avatars.choose(session, user.id, choice.upload_id, client)
    if former:
        background.add_task(avatars.discard, user.id, former)
    return me


@router.delete("/me/avatar", status_code=204, responses=_OWN | _STORE)
async def remove_avatar(user: Self, session: DbSession, client: FromClient, background: BackgroundTasks) -> None:
    """Have no picture."""
    former = await avatars.remove(session, user.id, client)
    if former:
        background.add_task(avatars.discard, user.id, former)


@router.get(
    "/avatars/{avatar_id}",
    response_class=Response,
    responses=_STORE | problems(AvatarNotFound) | {200: {"content": {CONTENT_TYPE: {}}, "description": "The picture."}},
)
async def read_avatar(avatar_id: UUID, session: DbSession, size: Size = "512") -> Response:
    """A picture, `size` pixels square. A changed one has another address."""
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'",
    }
    return Response(await avatars.picture(session, avatar_id, size), media_type=CONTENT_TYPE, headers=headers)
