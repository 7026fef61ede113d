"""Pictures in posts. The file goes straight to the object store, and is looked at when its owner says it is there."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from common import storage
from common.models.posts_images import Image
from common.pagination import Page, decode_cursor, page
from common.pictures import CONTENT_TYPE, InvalidImage
from posts import image_copies
from posts.image_errors import ImageNotFound, ImageNotSent, TooManyImages
from posts.image_schemas import MAX_BYTES, FileName, ImageCopy, ImageCreate, ImageForm, ImageRead

MOST_IN_A_DAY = 100
FORM_LIFE = timedelta(minutes=15)
_LARGEST_COPY = 5 * 1024 * 1024
_ORIGINAL = "original"


def _folder(image_id: UUID) -> str:
    """Known to nobody but whom the random id is told."""
    return f"images/{image_id}/"


def original(image: Image) -> str:
    return f"{image.folder}{_ORIGINAL}"


async def create(session: AsyncSession, owner_id: UUID, order: ImageCreate) -> ImageForm:
    """The store itself refuses a larger file. Raises TooManyImages, StorageNotConfigured, StorageUnavailable."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"images {owner_id}", 0))))
    begun = select(func.count()).where(Image.owner_id == owner_id, Image.created_at > func.now() - timedelta(days=1))
    if (await session.scalar(begun) or 0) >= MOST_IN_A_DAY:
        raise TooManyImages
    image_id = uuid4()
    image = Image(id=image_id, owner_id=owner_id, bucket=storage.accounts_bucket(), folder=_folder(image_id))
    session.add(image)
    form = await storage.presigned_post(
        image.bucket, original(image), order.content_type, order.bytes, expires_s=int(FORM_LIFE.total_seconds())
    )
    await session.flush()
    return ImageForm(id=image_id, url=form["url"], fields=form["fields"])


async def _own(session: AsyncSession, owner_id: UUID, image_id: UUID) -> Image:
    image = await session.scalar(select(Image).where(Image.id == image_id, Image.owner_id == owner_id))
    if image is None:
        raise ImageNotFound
    return image


async def read(session: AsyncSession, owner_id: UUID, image_id: UUID) -> ImageRead:
    """Raises ImageNotFound, also for another's."""
    return _read(await _own(session, owner_id, image_id))


async def list_own(session: AsyncSession, owner_id: UUID, cursor: str | None, limit: int) -> Page[ImageRead]:
    """Those that are ready, newest first."""
    query = select(Image).where(Image.owner_id == owner_id, Image.state == "ready")
    query = query.order_by(Image.created_at.desc(), Image.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(tuple_(Image.created_at, Image.id) < decode_cursor(cursor, tuple[datetime, UUID]))
    rows = (await session.scalars(query)).all()
    return page(rows, limit, _read, lambda row: (row.created_at, row.id))


async def remove(session: AsyncSession, owner_id: UUID, image_id: UUID) -> None:
    """Its files are gone at once. What is still sent by its form is put away with the row, as if it had been refused.

    Raises ImageNotFound, StorageUnavailable.
    """
    image = await _own(session, owner_id, image_id)
    await storage.delete(image.bucket, image.folder)
    image.state, image.sizes = "refused", []


async def complete(session: AsyncSession, owner_id: UUID, image_id: UUID) -> ImageRead:
    """Once: of what is ready nothing is read again. Raises ImageNotFound, ImageNotSent, InvalidImage, StorageUnavailable."""
    image = await _own(session, owner_id, image_id)
    if image.state != "waiting":
        return _done(image)
    await session.close()  # the connection serves others meanwhile
    try:
        copies = await _copies(image)
    except InvalidImage as error:
        await _conclude(session, image_id, state="refused")
        await storage.delete(image.bucket, image.folder)
        raise InvalidImage(keep=True) from error
    if copies is not None:
        sizes = list(copies.files)
        await _conclude(session, image_id, state="ready", width=copies.width, height=copies.height, sizes=sizes)
        await storage.delete(image.bucket, original(image))
    return _done(await _own(session, owner_id, image_id))


def _done(image: Image) -> ImageRead:
    if image.state == "refused":
        raise InvalidImage
    if image.state == "waiting":
        raise ImageNotSent
    return _read(image)


async def _copies(image: Image) -> image_copies.Copies | None:
    """Stored. None when there is no file, or not any more because another request has done it."""
    raw = await storage.read(image.bucket, original(image), MAX_BYTES)
    if raw is None:
        return None
    if len(raw) > MAX_BYTES:
        raise InvalidImage
    copies = await image_copies.made(raw)
    for size, content in copies.files.items():
        await storage.write(image.bucket, f"{image.folder}{size}.webp", content, CONTENT_TYPE)
    return copies


async def _conclude(session: AsyncSession, image_id: UUID, **values: object) -> None:
    """Of two requests at once the first has decided; both have made the same."""
    waiting = update(Image).where(Image.id == image_id, Image.state == "waiting")
    await session.execute(waiting.values(values))


def _read(image: Image) -> ImageRead:
    copies = []
    for size in image.sizes:
        assert image.width
        assert image.height
        width, height = image_copies.fitted(image.width, image.height, size)
        copies.append(ImageCopy(width=width, height=height, url=f"/v1/posts/images/{image.id}/{size}.webp"))
    names = ("id", "state", "width", "height")
    return ImageRead(**{name: getattr(image, name) for name in names}, copies=copies)


async def file(image_id: UUID, name: FileName) -> bytes:
    """A copy. The database is not asked: there is none of an image that is not ready. Raises ImageNotFound."""
    found = await storage.read(storage.accounts_bucket(), f"{_folder(image_id)}{name}", _LARGEST_COPY)
    if found is None:
        raise ImageNotFound
    return found
