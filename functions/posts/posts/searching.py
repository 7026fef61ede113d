"""Finding posts by their words: Russian and English, ranked or newest first, with the piece of text that was found.

What is compared, how and when, is in revision 0023.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Float,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    null,
    select,
    table,
    tuple_,
)
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from common.models.posts import Post, Tag, visible
from common.pagination import decode_cursor
from posts import queries
from posts.wanted import Wanted, page_shape, sql

type Order = Literal["relevance", "newest"]

_WHOLE_ROW: ColumnElement[Any] = literal_column("posts")
RANKED = 500
"""The newest posts with these words that are compared with each other: those before have only been found."""
_NOBODY = UUID(int=0)
_WEIGHTS = [0.1, 0.2, 0.4, 1.0]
_BY_LENGTH = 1
_documents = table("search_documents", column("post_id", UuidType), column("document"), schema="posts")


def wanted(*, typed: str, order: Order, tag: str | None, author: UUID | None, cursor: str | None, limit: int) -> Wanted:
    """A page of what has these words. Raises InvalidCursor."""
    given: dict[str, Any] = {"typed": typed, "tag": tag, "author": author}
    if cursor is None:
        after: tuple[Any, ...] = ()
    elif order == "relevance":
        after = decode_cursor(cursor, tuple[int, datetime, UUID])
        given |= dict(zip(("rank", "published_at", "id"), after, strict=True))
    else:
        after = decode_cursor(cursor, tuple[datetime, UUID])
        given |= dict(zip(("published_at", "id"), after, strict=True))
    # The two parts that may hold anything come last; neither holds a line feed.
    key = f"search {order} {limit} {author or ''} {'/'.join(map(str, after))} {tag or ''}\n{typed}"
    parameters = {name: value for name, value in given.items() if value is not None}
    statement = _statement(order, tag is not None, author is not None, bool(after), limit)
    return Wanted(key, statement, parameters, page_shape(limit))


@cache
def _statement(order: Order, tag: bool, author: bool, after: bool, limit: int) -> str:  # noqa: FBT001 - a cache's key
    rows = _found(order, tag=tag, author=author, after=after, limit=limit)
    return sql(queries.page(rows, limit))


def _found(order: Order, *, tag: bool, author: bool, after: bool, limit: int) -> Select[*tuple[Any, ...]]:
    """(JSON text, position…), best or newest first, `limit + 1` rows."""
    query = select(func.posts.search_query(bindparam("typed", type_=Text), type_=TSQUERY).label("query")).cte("asked")
    newest_first = order == "newest"
    matching = _matching(
        query.c.query, tag=tag, author=author, after=after and newest_first, most=limit + 1 if newest_first else RANKED
    )
    rank = cast(
        func.round(
            func.ts_rank(cast(_WEIGHTS, ARRAY(Float(24))), _documents.c.document, query.c.query, _BY_LENGTH) * 1_000_000
        ),
        Integer,
    )
    candidates = (
        select(matching.c.post_id, matching.c.published_at, query.c.query)
        .select_from(query)
        .join(matching, literal(True))
        .join(_documents, _documents.c.post_id == matching.c.post_id)
    )
    if newest_first:
        best = candidates.subquery("best")
        position: Sequence[ColumnElement[Any]] = (best.c.published_at, best.c.post_id)
    else:
        ranked = candidates.add_columns(rank.label("rank")).subquery("ranked")
        ordered = (ranked.c.rank, ranked.c.published_at, ranked.c.post_id)
        top = select(ranked)
        if after:
            last = (
                bindparam("rank", type_=Integer),
                bindparam("published_at", type_=DateTime(timezone=True)),
                bindparam("id", type_=UuidType),
            )
            top = top.where(tuple_(*ordered) < tuple_(*last))
        best = top.order_by(*(part.desc() for part in ordered)).limit(limit + 1).subquery("best")
        position = (best.c.rank, best.c.published_at, best.c.post_id)
    document = queries.document(
        whole=False, highlight=func.posts.highlight(func.posts.readable(_WHOLE_ROW), best.c.query)
    )
    return (
        select(document.cast(Text), *position)
        .select_from(best)
        .join(Post, Post.id == best.c.post_id)
        .where(visible())
        .order_by(*(part.desc() for part in position))
    )


def _matching(query: ColumnElement[Any], *, tag: bool, author: bool, after: bool, most: int) -> Any:
    tag_id = select(Tag.id).where(Tag.name == bindparam("tag", type_=Text)).scalar_subquery()
    arguments = (
        query,
        func.coalesce(tag_id, cast(_NOBODY, UuidType)) if tag else null(),
        bindparam("author", type_=UuidType) if author else null(),
        bindparam("published_at", type_=DateTime(timezone=True)) if after else null(),
        bindparam("id", type_=UuidType) if after else null(),
        most,
    )
    found = func.posts.matching(*arguments).table_valued(
        column("post_id", UuidType), column("published_at", DateTime(timezone=True)), name="matching"
    )
    return found.lateral("matching")
