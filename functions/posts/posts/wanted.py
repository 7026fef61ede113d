"""What a reader wants, in one spelling: equal pages have one key, whatever the order, case or defaults of the request."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import psycopg

from common.models.posts import Post
from common.pagination import decode_cursor, encode_cursor
from posts import etags, queries
from posts.errors import PostNotFound

type Shape = Callable[[Sequence[Any]], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """`statement` is SQL with psycopg's placeholders; `shape` makes (ETag, text) of its rows, and `media` says of what type."""

    key: str
    statement: str
    parameters: dict[str, Any]
    shape: Shape
    media: bytes = b"application/json"


def page(*, tag: str | None, author: UUID | None, cursor: str | None, limit: int, whole: bool = False) -> Wanted:
    """A page of the list, newest first. `whole`: with the texts. Raises InvalidCursor."""
    after = decode_cursor(cursor, tuple[datetime, UUID]) if cursor else None
    given: dict[str, Any] = {"tag": tag, "author": author}
    if after is not None:
        given |= {"published_at": after[0], "id": after[1]}
    parameters = {name: value for name, value in given.items() if value is not None}
    # The tag comes last: it is the only part that may hold a separator.
    key = f"page {limit} {author or ''} {f'{after[0].timestamp():.6f}/{after[1]}' if after else ''} {tag or ''}"
    statement = _page_statement(tag is not None, author is not None, after is not None, limit, whole)
    return Wanted(key, statement, parameters, page_shape(limit))


def name(id_or_slug: str) -> UUID | str:
    try:
        return UUID(id_or_slug)
    except ValueError:
        return id_or_slug


def one(id_or_slug: str) -> Wanted:
    called = name(id_or_slug)
    return Wanted(f"post {called}", _one_statement(isinstance(called, UUID)), {"name": called}, _one_shape)


def tags() -> Wanted:
    return Wanted("tags", _tags_statement(), {}, _tags_shape)


def page_shape(limit: int) -> Shape:
    def shape(rows: Sequence[Any]) -> tuple[str, str]:
        items, count, *position = rows[0]
        following = f'"{encode_cursor(position)}"' if count > limit else "null"
        text = f'{{"items":[{items}],"next_cursor":{following}}}'
        return etags.of_bytes(text.encode()), text

    return shape


def _one_shape(rows: Sequence[Any]) -> tuple[str, str]:
    if not rows:
        raise PostNotFound
    text, version = rows[0]
    return etags.of_post(text, version), text


def _tags_shape(rows: Sequence[Any]) -> tuple[str, str]:
    return etags.of_bytes(rows[0][0].encode()), rows[0][0]


# Compiled once: SQLAlchemy would look its own cache up with each request, for a third of what a read costs.


@cache
def _page_statement(tag: bool, author: bool, after: bool, limit: int, whole: bool) -> str:  # noqa: FBT001 - a cache's key
    rows = queries.newest(tag=tag, author=author, after=after, limit=limit, whole=whole)
    return sql(queries.page(rows, limit))


@cache
def _one_statement(by_id: bool) -> str:  # noqa: FBT001 - a cache's key
    return sql(queries.one(Post.id == (bindparam("name", type_=UuidType) if by_id else queries.by_slug())))


@cache
def _tags_statement() -> str:
    return sql(queries.tags())


def sql(query: Select[*tuple[Any, ...]]) -> str:
    """The text of a statement. Constants stand in it: PostgreSQL plans once for all pages only when it knows how many rows
    are wanted."""
    compiled = query.compile(dialect=psycopg.dialect())  # type: ignore[no-untyped-call]
    written = {name: f"%({name})s" if value is None else _constant(value) for name, value in compiled.params.items()}
    return str(compiled) % written


def _constant(value: object) -> str:
    """Of our own code; what people send is always a parameter."""
    if isinstance(value, list):
        return f"ARRAY{value}"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
