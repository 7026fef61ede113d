"""What readers have bought, and what authors have sold."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.posts import Post, visible
from common.models.posts_purchases import Purchase
from common.pagination import Page, decode_cursor, page
from posts import prices
from posts.purchase_schemas import BoughtPost, CurrencySales, Sales
from posts.purchases import RETURNS, given_back


async def bought(session: AsyncSession, reader_id: UUID, cursor: str | None, limit: int) -> Page[BoughtPost]:
    """Newest first."""
    query = (
        select(Purchase, Post.title, Post.slug, given_back().label("returned"))
        .outerjoin(Post, (Post.id == Purchase.post_id) & visible())
        .where(Purchase.reader_id == reader_id, Purchase.paid_at.is_not(None))
        .order_by(Purchase.paid_at.desc(), Purchase.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        query = query.where(tuple_(Purchase.paid_at, Purchase.id) < decode_cursor(cursor, tuple[datetime, UUID]))
    rows = (await session.execute(query)).all()
    return page(rows, limit, lambda row: _bought(*row), lambda row: (row[0].paid_at, row[0].id))


def _bought(purchase: Purchase, title: str | None, slug: str | None, returned: bool) -> BoughtPost:  # noqa: FBT001 - a row
    names = ("post_id", "amount", "currency", "transaction_id", "paid_at")
    told = {name: getattr(purchase, name) for name in names}
    return BoughtPost(title=title, slug=slug, returned=returned, **told)


async def sales(session: AsyncSession, author_id: UUID, post_id: UUID) -> Sales:
    """Raises PostNotFound, NotTheSeller."""
    await prices.own(session, author_id, post_id, lock=False)
    query = (
        select(
            Purchase.currency,
            func.count().label("count"),
            cast(func.sum(Purchase.amount), Text).label("amount"),
            cast(func.coalesce(func.sum(RETURNS.c.returned), 0), Text).label("returned"),
        )
        .outerjoin(RETURNS, RETURNS.c.transfer_id == Purchase.transaction_id)
        .where(Purchase.post_id == post_id, Purchase.paid_at.is_not(None))
        .group_by(Purchase.currency)
        .order_by(Purchase.currency)
    )
    rows = await session.execute(query)
    return Sales(items=[CurrencySales.model_validate(dict(row)) for row in rows.mappings()])
