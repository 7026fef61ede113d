"""Putting away files that nobody needs: as they were sent, and pictures that are in no post."""

import logging
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from common import storage
from common.db import transaction
from common.models.posts import Post
from common.models.posts_images import Image
from common.storage import StorageUnavailable
from posts import images

UNUSED_FOR = timedelta(days=1)
_MOST = 100
_log = logging.getLogger("artel.posts")


async def sweep() -> None:
    """Raises StorageUnavailable at the end, if some could not be deleted."""
    originals = (~Image.original_deleted, Image.created_at < func.now() - 2 * images.FORM_LIFE)
    failed = [image_id for image_id in await _due(*originals) if not await _tried(image_id, *originals)]
    unused = (Image.checked_at < func.now() - UNUSED_FOR,)
    failed += [image_id for image_id in await _due(*unused) if not await _tried(image_id, *unused)]
    if failed:
        raise StorageUnavailable(f"the files of {len(failed)} images were not deleted")


async def _due(*which: ColumnElement[bool]) -> list[UUID]:
    """Any of them: one whose files cannot be deleted today must not keep the others waiting."""
    async with transaction("posts") as session:
        return list(await session.scalars(select(Image.id).where(*which).order_by(func.random()).limit(_MOST)))


async def _tried(image_id: UUID, *which: ColumnElement[bool]) -> bool:
    """In a transaction of its own. Somebody else may have it in hand."""
    try:
        async with transaction("posts") as session:
            query = select(Image).where(Image.id == image_id, *which).with_for_update(skip_locked=True)
            image = await session.scalar(query)
            if image is not None:
                await _put_away(session, image)
    except StorageUnavailable:
        _log.warning("the files of an image were not deleted", extra={"image": str(image_id)})
        return False
    return True


async def _put_away(session: AsyncSession, image: Image) -> None:
    if not image.original_deleted:
        await storage.delete(image.bucket, images.original(image))
        image.original_deleted = True
        return
    in_use = select(Post.id).where(Post.author_id == image.owner_id, func.strpos(Post.body, cast(image.id, Text)) > 0)
    if image.state == "ready" and await session.scalar(select(in_use.exists())):
        image.checked_at = func.now()
        return
    await storage.delete(image.bucket, image.folder)
    await session.delete(image)
