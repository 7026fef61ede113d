"""Drafts, posts that wait for their moment, and posts that are there: told apart by `published_at` alone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.posts import Post, PostTag
from common.pagination import Page, decode_cursor, page
from posts.errors import PublicationInThePast
from posts.schemas import Draft, PostCreate, PostUpdate


def moment(order: PostCreate, now: datetime) -> datetime | None:
    """Of a new post; null is a draft. Raises PublicationInThePast."""
    return None if order.draft else _to_come(order.publish_at, now) or now


def _to_come(publish_at: datetime | None, now: datetime) -> datetime | None:
    if publish_at is not None and publish_at <= now:
        raise PublicationInThePast
    return publish_at


async def changed(session: AsyncSession, post: Post, change: PostUpdate) -> datetime | None:
    """When the post is published after this change; its tags' lists know by then. Raises PublicationInThePast."""
    now = (await session.execute(select(func.now()))).scalar_one()
    becomes = post.published_at
    if change.draft:
        becomes = None
    elif change.publish_at is not None:
        becomes = _to_come(change.publish_at, now)
    elif change.draft is False and (becomes is None or becomes > now):
        becomes = now
    if becomes != post.published_at:
        await session.execute(update(PostTag).where(PostTag.post_id == post.id).values(published_at=becomes))
    return becomes


async def drafts(session: AsyncSession, author_id: UUID, cursor: str | None, limit: int) -> Page[Draft]:
    """What only its author sees, last changed first."""
    query = (
        select(Post)
        .where(
            Post.author_id == author_id,
            Post.deleted_at.is_(None),
            or_(Post.published_at.is_(None), Post.published_at > func.now()),
        )
        .order_by(Post.updated_at.desc(), Post.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        query = query.where(tuple_(Post.updated_at, Post.id) < decode_cursor(cursor, tuple[datetime, UUID]))
    rows = (await session.scalars(query)).all()
    return page(rows, limit, _draft, lambda row: (row.updated_at, row.id))


def _draft(post: Post) -> Draft:
    return Draft(
        id=post.id,
        slug=post.slug,
        title=post.title,
        excerpt=post.excerpt,
        publish_at=post.published_at,
        updated_at=post.updated_at,
    )
