from uuid import UUID

from fastapi import APIRouter, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from common.pictures import CONTENT_TYPE, InvalidImage
from common.storage import StorageNotConfigured, StorageUnavailable
from posts import images
from posts.image_errors import ImageNotFound, ImageNotSent, TooManyImages
from posts.image_schemas import FileName, ImageCreate, ImageForm, ImageRead
from posts.routes.access import Reader, Writer

router = APIRouter(prefix="/images")

_OWN = problems(Unauthorized, Forbidden)
_STORE = problems(StorageNotConfigured, StorageUnavailable)


@router.post("", status_code=201, responses=_OWN | _STORE | problems(TooManyImages))
async def upload_image(order: ImageCreate, user: Writer, session: DbSession, response: Response) -> ImageForm:
    """Begin to add a picture: where to send a PNG, JPEG, WebP or GIF of up to 15 MB within 15 minutes."""
    response.headers["Cache-Control"] = "no-store"
    return await images.create(session, user.id, order)


@router.post("/{image_id}/complete", responses=_OWN | _STORE | problems(ImageNotFound, ImageNotSent, InvalidImage))
async def complete_image(image_id: UUID, user: Writer, session: DbSession) -> ImageRead:
    """Make the file that was sent a picture: in up to three sizes, without whatever else was in the file.

    One that is in no post of yours is deleted after a day.
    """
    return await images.complete(session, user.id, image_id)


@router.get("", responses=_OWN | problems(InvalidCursor))
async def list_images(
    user: Reader, session: DbSession, response: Response, cursor: CursorQuery = None, limit: Limit = 20
) -> Page[ImageRead]:
    """Your pictures, newest first."""
    response.headers["Cache-Control"] = "no-store"
    return await images.list_own(session, user.id, cursor, limit)


@router.delete("/{image_id}", status_code=204, responses=_OWN | _STORE | problems(ImageNotFound))
async def delete_image(image_id: UUID, user: Writer, session: DbSession) -> None:
    """Delete a picture of yours, also where posts show it. Who has seen it may still have it."""
    await images.remove(session, user.id, image_id)


@router.get("/{image_id}", responses=_OWN | problems(ImageNotFound))
async def read_image(image_id: UUID, user: Reader, session: DbSession, response: Response) -> ImageRead:
    """What has become of a picture of yours."""
    response.headers["Cache-Control"] = "no-store"
    return await images.read(session, user.id, image_id)


@router.get(
    "/{image_id}/{name}",
    response_class=Response,
    responses=_STORE | problems(ImageNotFound) | {200: {"content": {CONTENT_TYPE: {}}, "description": "The picture."}},
)
async def read_image_file(image_id: UUID, name: FileName) -> Response:
    """A picture, by its greatest width in pixels."""
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'",
    }
    return Response(await images.file(image_id, name), media_type=CONTENT_TYPE, headers=headers)
