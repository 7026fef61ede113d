"""Reading posts: one statement a request, in which PostgreSQL builds the JSON. Nothing is parsed on its way out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Select, Text, column, func, literal, select, table, tuple_
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import aggregate_order_by

from common.models.posts import Post, PostTag, Tag, visible

_people = table("people", column("id", UuidType), column("display_name"), schema="identity")
_counted = table("counts", column("post_id", UuidType), column("kind"), column("total"), schema="posts")


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


def _counts() -> Any:
    """Comments and reactions by kind: what is added up, and what waits for it (see revision 0017)."""
    per_kind = select(_counted.c.kind, _counted.c.total).where(_counted.c.post_id == Post.id, _counted.c.total > 0)
    found = per_kind.correlate(Post).subquery("counted")
    comments = func.coalesce(func.max(found.c.total).filter(found.c.kind == "comments"), 0)
    reactions = func.json_object_agg(found.c.kind, found.c.total).filter(found.c.kind != "comments")
    nothing = func.json_build_object()
    return select(
        func.json_build_object("comments", comments, "reactions", func.coalesce(reactions, nothing))
    ).scalar_subquery()


def _document(*, whole: bool) -> ColumnElement[Any]:
    fields: dict[str, Any] = {
        "id": Post.id,
        "slug": Post.slug,
        "title": Post.title,
        "excerpt": Post.excerpt,
        "tags": _tags(),
        "author": _author(),
        "counts": _counts(),
        "version": Post.version,
        "created_at": Post.created_at,
        "published_at": Post.published_at,
        "updated_at": Post.updated_at,
    }
    if whole:
        fields |= {"body": Post.body, "html": Post.html}
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


def summary() -> Select[str, UUID]:
    """(JSON text, id) of posts that everybody may see, in no order."""
    return select(_document(whole=False).cast(Text), Post.id).where(visible())


def one(where: ColumnElement[bool]) -> Select[str, int]:
    return select(_document(whole=True).cast(Text), Post.version).where(where, visible())
