"""Reading posts: one statement a request, in which PostgreSQL builds the JSON. Nothing is parsed on its way out."""

from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Text,
    bindparam,
    case,
    column,
    func,
    literal_column,
    null,
    select,
    table,
    tuple_,
)
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import aggregate_order_by, psycopg

from common.models.posts import Post, PostTag, Tag, free, visible

_people = table("people", column("id", UuidType), column("display_name"), schema="identity")


def _tags() -> Any:
    names = (
        select(func.coalesce(func.json_agg(aggregate_order_by(Tag.name, Tag.name)), func.json_build_array()))
        .join(PostTag, PostTag.tag_id == Tag.id)
        .where(PostTag.post_id == Post.id)
    )
    return names.correlate(Post).scalar_subquery()


def _object(fields: dict[str, Any]) -> ColumnElement[Any]:
    """Names as they are, not as parameters: they would be sent each time."""
    parts: list[Any] = []
    for name, value in fields.items():
        parts += [literal_column(f"'{name}'"), value]
    return func.json_build_object(*parts)


def _author() -> Any:
    name = select(_people.c.display_name).where(_people.c.id == Post.author_id).correlate(Post).scalar_subquery()
    return _object({"id": Post.author_id, "display_name": func.coalesce(name, literal_column("''"))})


def _price() -> Any:
    price = _object({"amount": Post.price_amount, "currency": Post.price_currency})
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
        "locked": literal_column("false") if unlocked else ~free(),
    }
    if unlocked:
        fields |= {"body": Post.body, "html": Post.html}
    elif whole:
        fields |= {"body": case((free(), Post.body)), "html": case((free(), Post.html))}
    return _object(fields)


def _statement(query: Any) -> str:
    """As psycopg takes it. Made once for each kind of question: putting it together took as long as PostgreSQL's answer."""
    return str(query.compile(dialect=psycopg.dialect()))  # type: ignore[no-untyped-call]


@cache
def newest(*, tag: bool, author: bool, after: bool) -> str:
    """(JSON text, published_at, id) in keyset order, newest first; parameters `tag`, `author`, `moment` and `id`, `rows`."""
    query = select(_document(whole=False).cast(Text), Post.published_at, Post.id).where(visible())
    position = tuple_(Post.published_at, Post.id)
    order = (Post.published_at.desc(), Post.id.desc())
    if tag:
        # Walk the tag's own index: the post table's would scan everything for a rare tag.
        query = query.join(PostTag, PostTag.post_id == Post.id).join(Tag, Tag.id == PostTag.tag_id)
        query = query.where(Tag.name == bindparam("tag"), PostTag.published_at.is_not(None))
        position = tuple_(PostTag.published_at, PostTag.post_id)
        order = (PostTag.published_at.desc(), PostTag.post_id.desc())
    if author:
        query = query.where(Post.author_id == bindparam("author"))
    if after:
        moment, identifier = bindparam("moment", type_=DateTime(timezone=True)), bindparam("id", type_=UuidType)
        query = query.where(position < tuple_(moment, identifier))
    return _statement(query.order_by(*order).limit(bindparam("rows", type_=Integer)))


@cache
def one(*, by_id: bool) -> str:
    """(JSON text, version); parameter `name`, the id or the slug."""
    name = Post.id == bindparam("name", type_=UuidType) if by_id else Post.slug == bindparam("name")
    return _statement(select(_document(whole=True).cast(Text), Post.version).where(name, visible()))


@cache
def whole() -> str:
    """(JSON text, version), whatever it costs and whoever may see it: for those who may. Parameter `id`."""
    this = Post.id == bindparam("id", type_=UuidType)
    return _statement(select(_document(whole=True, unlocked=True).cast(Text), Post.version).where(this))
