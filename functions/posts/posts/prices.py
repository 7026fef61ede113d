"""What a post costs, set by its author only: the account that is paid is theirs."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.posts import Post
from posts import reading
from posts.errors import PostNotFound
from posts.purchase_errors import NotTheSeller, PayeeUnusable
from posts.purchase_schemas import PriceSet

_FREE: dict[str, Any] = {"price_amount": None, "price_currency": None, "price_account_id": None}


async def own(session: AsyncSession, author_id: UUID, post_id: UUID, *, lock: bool) -> Post:
    """Raises PostNotFound, NotTheSeller."""
    query = select(Post).where(Post.id == post_id, Post.deleted_at.is_(None))
    post = await session.scalar(query.with_for_update() if lock else query)
    if post is None:
        raise PostNotFound
    if post.author_id != author_id:
        raise NotTheSeller
    return post


async def put(session: AsyncSession, author_id: UUID, post_id: UUID, price: PriceSet) -> None:
    """Raises PostNotFound, NotTheSeller, PayeeUnusable."""
    post = await own(session, author_id, post_id, lock=True)
    currency = await session.scalar(select(func.identity.receiving_currency(author_id, price.account_id)))
    if currency != price.currency:
        raise PayeeUnusable
    values = {"price_amount": price.amount, "price_currency": currency, "price_account_id": price.account_id}
    await _change(session, post, values)


async def remove(session: AsyncSession, author_id: UUID, post_id: UUID) -> None:
    """Free for everybody. Those who have bought it keep it, should it cost something again."""
    await _change(session, await own(session, author_id, post_id, lock=True), _FREE)


async def _change(session: AsyncSession, post: Post, values: dict[str, Any]) -> None:
    """A new version: caches that have the post by its ETag must not go on showing what was free."""
    reading.changed(session)
    if any(getattr(post, name) != value for name, value in values.items()):
        changed = {"version": post.version + 1, "updated_at": func.now(), **values}
        await session.execute(update(Post).where(Post.id == post.id).values(changed))
