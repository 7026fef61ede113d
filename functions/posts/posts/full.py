"""The whole of a post, for those who may read it: anybody if it is free, else its author, moderators and buyers."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from common.identity import User
from common.models.posts import Post, visible
from posts import purchases, queries, service, wanted
from posts.errors import PostNotFound
from posts.purchase_errors import PaymentRequired


async def read(session: AsyncSession, reader: User, id_or_slug: str) -> str:
    """The JSON. Raises PostNotFound, PaymentRequired.

    Authors and moderators see what is hidden or not published yet, too.
    """
    query = select(Post.id, Post.author_id, Post.price_amount, visible().label("visible"))
    name = wanted.name(id_or_slug)
    post_id = name if isinstance(name, UUID) else queries.by_slug(name)
    post = (await session.execute(query.where(Post.id == post_id, Post.deleted_at.is_(None)))).one_or_none()
    privileged = post is not None and (post.author_id == reader.id or service.MODERATOR in reader.scopes)
    if post is None or not (post.visible or privileged):
        raise PostNotFound
    paid = privileged or post.price_amount is None or await purchases.has_bought(session, reader.id, post.id)
    if not paid:
        raise PaymentRequired
    text, _ = await service.read_whole(session, post.id)
    return text
