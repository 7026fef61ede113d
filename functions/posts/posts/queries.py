"""Reading posts: one statement a request, in which PostgreSQL builds the JSON. Nothing is parsed on its way out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Select, Text, case, column, func, literal, null, select, table, tuple_
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import aggregate_order_by

from common.models.posts import Post, PostTag, Tag, free, visible

_people = table("people", column("id", UuidType), column("display_name"), schema="identity")


def _tags() -> Any:
    names = (
        select(func.coalesce(func.json_agg(aggregate_order_by(Tag.name, Tag.name)), func.json_build_array()))
        .join(PostTag, PostTag.tag_id == Tag.id)
        .where(PostTag.post_id == Post.id)
    )
    return names.correlate(Post).scalar_subquery()


def _author() -> Any:
    name = select(_people.c.display_name).where(_people.c.id == Post.author_id).correlate(Post).scalar_subquery()
    return func.json_build_object("id", Post.author_id, "display_name", func.coalesce(name, ""))


def _price() -> Any:
    price = func.json_build_object("amount", Post.price_amount, "currency", Post.price_currency)
    return case((free(), null()), else_=price)


def _document(*, whole: bool, unlocked: bool = False) -> ColumnElement[Any]:
    """`unlocked`: with the body though the post has a price."""
    fields: dict[str, Any] = {
        "id": Post.id,
        "slug": Post.slug,
        "title": Post.title,
        "excerpt": Post.excerpt,
        "tags": _tags(),
        "author": _author(),
        "version": Post.version,
        "created_at": Post.created_at,
        "published_at": Post.published_at,
        "updated_at": Post.updated_at,
        "price": _price(),
        "locked": literal(value=False) if unlocked else ~free(),
    }
    if unlocked:
        fields |= {"body": Post.body, "html": Post.html}
    elif whole:
        fields |= {"body": case((free(), Post.body)), "html": case((free(), Post.html))}
    return func.json_build_object(*[part for pair in fields.items() for part in pair])


def newest(
    *, tag: str | None, author: UUID | None, after: tuple[datetime, UUID] | None, limit: int
) -> Select[str, datetime | None, UUID]:
    """(JSON text, published_at, id) in keyset order, newest first, `limit + 1` rows."""
    query = select(_document(whole=False).cast(Text), Post.published_at, Post.id).where(visible())
    position = tuple_(Post.published_at, Post.id)
    order = (Post.published_at.desc(), Post.id.desc())
    if tag is not None:
        # Walk the tag's own index: the post table's would scan everything for a rare tag.
        query = query.join(PostTag, PostTag.post_id == Post.id).join(Tag, Tag.id == PostTag.tag_id)
        query = query.where(Tag.name == tag, PostTag.published_at.is_not(None))
        position = tuple_(PostTag.published_at, PostTag.post_id)
        order = (PostTag.published_at.desc(), PostTag.post_id.desc())
    if author is not None:
        query = query.where(Post.author_id == author)
    if after is not None:
        query = query.where(position < tuple_(literal(after[0], DateTime(timezone=True)), literal(after[1], UuidType)))
    return query.order_by(*order).limit(limit + 1)


def one(where: ColumnElement[bool]) -> Select[str, int]:
    return select(_document(whole=True).cast(Text), Post.version).where(where, visible())


def whole(post_id: UUID) -> Select[str, int]:
    """Whatever it costs and whoever may see it: for those who may."""
    return select(_document(whole=True, unlocked=True).cast(Text), Post.version).where(Post.id == post_id)
