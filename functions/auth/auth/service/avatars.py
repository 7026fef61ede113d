"""Pictures of people. The file goes straight to the object store, and is looked at when its owner says it is there."""

import uuid
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, avatar_images
from auth.client import Client
from auth.errors import AvatarNotFound
from auth.schemas.account import Me
from auth.schemas.avatars import MAX_BYTES, AvatarForm, AvatarUpload, Size
from auth.service import account
from common import storage
from common.models.auth import User
from common.pictures import CONTENT_TYPE, InvalidImage

_FORM_LIFE_S = 900
_LARGEST_SQUARE = 1024 * 1024


def _incoming(user_id: UUID, upload_id: UUID) -> str:
    return f"avatars/incoming/{user_id}/{upload_id}"


def _folder(user_id: UUID, avatar_id: UUID) -> str:
    """Under the person's id: whoever erases them finds every picture, though no row names it any more."""
    return f"avatars/{user_id}/{avatar_id}/"


async def form(user_id: UUID, order: AvatarUpload) -> AvatarForm:
    """The store itself refuses a larger file. Raises StorageNotConfigured, StorageUnavailable."""
    upload_id = uuid.uuid4()
    key = _incoming(user_id, upload_id)
    made = await storage.presigned_post(
        storage.accounts_bucket(), key, order.content_type, order.bytes, expires_s=_FORM_LIFE_S
    )
    return AvatarForm(upload_id=upload_id, url=made["url"], fields=made["fields"])


async def choose(session: AsyncSession, user_id: UUID, upload_id: UUID, client: Client) -> tuple[Me, UUID | None]:
    """The account, and the picture it had before. Raises AvatarNotFound, InvalidImage, StorageUnavailable."""
    bucket, incoming = storage.accounts_bucket(), _incoming(user_id, upload_id)
    raw = await storage.read(bucket, incoming, MAX_BYTES)
    if raw is None:
        raise AvatarNotFound
    if len(raw) > MAX_BYTES:
        raise InvalidImage
    avatar_id = uuid.uuid4()
    for side, square in (await avatar_images.squares(raw)).items():
        key = f"{_folder(user_id, avatar_id)}{side}.webp"
        await storage.write(bucket, key, square, CONTENT_TYPE)
    former = await _set(session, user_id, avatar_id, client)
    await storage.delete(bucket, incoming)
    return account.read(await account.of(session, user_id)), former


async def remove(session: AsyncSession, user_id: UUID, client: Client) -> UUID | None:
    """The picture there was."""
    return await _set(session, user_id, None, client)


async def _set(session: AsyncSession, user_id: UUID, avatar_id: UUID | None, client: Client) -> UUID | None:
    """Returns what it was before; of two requests at once the second sees what the first has set."""
    former = await session.scalar(select(User.avatar_id).where(User.id == user_id).with_for_update())
    if former is None and avatar_id is None:
        return None
    changed = update(User).where(User.id == user_id).values(avatar_id=avatar_id, updated_at=func.now())
    await session.execute(changed)
    await audit.note(session, "avatar_changed", user_id, client, removed=avatar_id is None)
    return former


async def discard(user_id: UUID, avatar_id: UUID) -> None:
    """For after the commit: what a row names must be there."""
    await storage.delete(storage.accounts_bucket(), _folder(user_id, avatar_id))


async def picture(session: AsyncSession, avatar_id: UUID, size: Size) -> bytes:
    """Raises AvatarNotFound, also for one whose owner has deleted the account."""
    owner = await session.scalar(select(User.id).where(User.avatar_id == avatar_id, User.deleted_at.is_(None)))
    if owner is None:
        raise AvatarNotFound
    found = await storage.read(storage.accounts_bucket(), f"{_folder(owner, avatar_id)}{size}.webp", _LARGEST_SQUARE)
    if found is None:
        raise AvatarNotFound
    return found
