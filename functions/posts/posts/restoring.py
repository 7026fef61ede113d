"""Bringing back what was deleted, within 30 days; after that a background job removes it for good."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from common.batches import in_batches
from common.identity import User
from common.models.posts import Post
from common.pagination import Page, decode_cursor, page
from posts import reading, service
from posts.errors import DeletedByModerator, PostNotFound
from posts.revision_schemas import DeletedPost

KEPT_FOR = timedelta(days=30)
_REMOVE = text("SELECT posts.remove_deleted(:most)")
_MOST = 200


async def deleted(session: AsyncSession, author_id: UUID, cursor: str | None, limit: int) -> Page[DeletedPost]:
    """Whoever deleted them, newest deletion first."""
    query = (
        select(Post)
        .where(Post.author_id == author_id, Post.deleted_at > datetime.now(UTC) - KEPT_FOR)
        .order_by(Post.deleted_at.desc(), Post.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        query = query.where(tuple_(Post.deleted_at, Post.id) < decode_cursor(cursor, tuple[datetime, UUID]))
    rows = (await session.scalars(query)).all()
    return page(rows, limit, DeletedPost.model_validate, lambda row: (row.deleted_at, row.id))


async def restore(session: AsyncSession, user: User, post_id: UUID) -> tuple[str, int]:
    """(JSON, version). What a moderator has deleted, only a moderator brings back. Raises PostNotFound, DeletedByModerator."""
    post = await session.scalar(select(Post).where(Post.id == post_id).with_for_update(key_share=True))
    moderator = service.MODERATOR in user.scopes
    if post is None or post.deleted_at is None or not (post.author_id == user.id or moderator):
        raise PostNotFound
    if post.deleted_at <= datetime.now(UTC) - KEPT_FOR:
        raise PostNotFound
    if post.deleted_by != user.id and not moderator:
        raise DeletedByModerator
    await session.execute(update(Post).where(Post.id == post_id).values(deleted_at=None, deleted_by=None))
    reading.changed(session)
    return await service.read_whole(session, post_id)


async def remove_for_good() -> int:
    """In short transactions. Returns how many posts."""
    return await in_batches("posts", _REMOVE, _MOST)
