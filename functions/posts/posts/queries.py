"""Reading posts: one statement a request, in which PostgreSQL builds the JSON. Nothing is parsed on its way out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    Text,
    bindparam,
    case,
    column,
    false,
    func,
    null,
    select,
    table,
    tuple_,
)
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from common.models.posts import OldSlug, Post, PostTag, Tag, free, shown, visible

_people = table("people", column("id", UuidType), column("display_name"), schema="identity")
_popular = table("popular_tags", column("name"), column("posts"), schema="posts")
_counted = table("counts", column("post_id", UuidType), column("kind"), column("total"), schema="posts")


_SHOWN_IN_LISTS = (
    Post.id,
    Post.slug,
    Post.title,
    Post.excerpt,
    Post.tags,
    Post.author_id,
    Post.version,
    Post.created_at,
    Post.published_at,
    Post.updated_at,
    Post.price_amount,
    Post.price_currency,
)


def _name() -> Any:
    return select(_people.c.display_name).where(_people.c.id == Post.author_id).correlate(Post).scalar_subquery()


def _price(post: type[Post]) -> Any:
    price = func.json_build_object("amount", post.price_amount, "currency", post.price_currency)
    return case((free(post), null()), else_=price)


def _by_kind(counted: Any) -> ColumnElement[Any]:
    """Comments and reactions: what is added up, and what waits for it (see revision 0017)."""
    comments = func.coalesce(func.max(counted.c.total).filter(counted.c.kind == "comments"), 0)
    reactions = func.json_object_agg(counted.c.kind, counted.c.total).filter(counted.c.kind != "comments")
    nothing = func.json_build_object()
    return func.json_build_object("comments", comments, "reactions", func.coalesce(reactions, nothing))


def _counts() -> Any:
    per_kind = select(_counted.c.kind, _counted.c.total).where(_counted.c.post_id == Post.id, _counted.c.total > 0)
    return select(_by_kind(per_kind.correlate(Post).subquery("counted"))).scalar_subquery()


def document(
    *,
    whole: bool,
    unlocked: bool = False,
    post: type[Post] = Post,
    name: ColumnElement[Any] | None = None,
    counts: ColumnElement[Any] | None = None,
    **more: ColumnElement[Any],
) -> ColumnElement[Any]:
    """The post as JSON. `unlocked`: with the body though the post has a price. `name` (of its author) and `counts`, if whoever
    asks has them for all posts at once."""
    author = {"id": post.author_id, "display_name": func.coalesce(_name() if name is None else name, "")}
    fields: dict[str, Any] = {
        "id": post.id,
        "slug": post.slug,
        "title": post.title,
        "excerpt": post.excerpt,
        "tags": post.tags,
        "author": func.json_build_object(*[part for pair in author.items() for part in pair]),
        "counts": _counts() if counts is None else counts,
        "version": post.version,
        "created_at": post.created_at,
        "published_at": post.published_at,
        "updated_at": post.updated_at,
        "price": _price(post),
        "locked": false() if unlocked else ~free(post),
    }
    if unlocked:
        fields |= {"body": post.body, "html": post.html}
    elif whole:
        fields |= {"body": case((free(post), post.body)), "html": case((free(post), post.html))}
    return func.json_build_object(*[part for pair in (fields | more).items() for part in pair])


def newest(
    *, tag: bool, author: bool, after: bool, limit: int, whole: bool = False
) -> Select[str, datetime | None, UUID]:
    """(JSON text, published_at, id) in keyset order, newest first, `limit + 1` rows.

    What it is asked with are the parameters `tag` (a name), `author`, and `published_at` and `id` of the last one seen.
    """
    rows = _newest(tag=tag, author=author, after=after, whole=whole).limit(limit + 1).cte("page")
    post = aliased(Post, rows)
    # Once for the page: for each of its posts, beginning to count took twice as long as the rest of the statement.
    ids = func.array(select(rows.c.id).scalar_subquery())
    of_page = select(_counted).where(_counted.c.post_id == func.any(ids), _counted.c.total > 0).subquery("of_page")
    counted = (
        select(of_page.c.post_id, _by_kind(of_page).label("counts")).group_by(of_page.c.post_id).subquery("counted")
    )
    nothing = func.json_build_object("comments", 0, "reactions", func.json_build_object())
    counts = func.coalesce(counted.c.counts, nothing)
    made = document(whole=whole, post=post, name=_people.c.display_name, counts=counts)
    query = select(made.cast(Text), post.published_at, post.id)
    query = query.outerjoin(counted, counted.c.post_id == post.id).outerjoin(_people, _people.c.id == post.author_id)
    return query.order_by(post.published_at.desc(), post.id.desc())


def _newest(*, tag: bool, author: bool, after: bool, whole: bool) -> Select[*tuple[Any, ...]]:
    query = select(*_SHOWN_IN_LISTS, *((Post.body, Post.html) if whole else ()))
    moment, identifier = Post.published_at, Post.id
    if tag:
        # Walk the tag's own index: the post table's would scan everything for a rare tag. And by its id, which PostgreSQL
        # knows to be one value: after a join with the names it would sort all posts of a common tag.
        tag_id = select(Tag.id).where(Tag.name == bindparam("tag", type_=Text)).scalar_subquery()
        query = query.join(PostTag, PostTag.post_id == Post.id)
        query = query.where(PostTag.tag_id == tag_id, PostTag.published_at.is_not(None))
        moment, identifier = PostTag.published_at, PostTag.post_id
    if author:
        query = query.where(Post.author_id == bindparam("author", type_=UuidType))
    if after:
        # One bound for the index to begin at. With `published_at <= now()` beside it, PostgreSQL begins at that one and walks
        # through all the pages before.
        seen = func.least(bindparam("published_at", type_=DateTime(timezone=True)), func.now())
        query = query.where(tuple_(moment, identifier) < tuple_(seen, bindparam("id", type_=UuidType)))
        query = query.where(shown())
    else:
        query = query.where(visible())
    return query.order_by(moment.desc(), identifier.desc())


def summary() -> Select[str, UUID]:
    """(JSON text, id) of posts that everybody may see, in no order."""
    return select(document(whole=False).cast(Text), Post.id).where(visible())


def one(where: ColumnElement[bool]) -> Select[str, int]:
    return select(document(whole=True).cast(Text), Post.version).where(where, visible())


def by_slug(slug: str | None = None) -> ColumnElement[UUID]:
    """The id of the post with this slug (the parameter `name`), or that once had it."""
    name = bindparam("name", slug, type_=Text)
    now = select(Post.id).where(Post.slug == name).scalar_subquery()
    before = select(OldSlug.post_id).where(OldSlug.slug == name).scalar_subquery()
    return func.coalesce(now, before)


def whole(post_id: UUID) -> Select[str, int]:
    """(JSON text, version), whatever it costs and whoever may see it: for those who may."""
    return select(document(whole=True, unlocked=True).cast(Text), Post.version).where(Post.id == post_id)


def page(rows: Select[*tuple[Any, ...]], last: int) -> Select[*tuple[Any, ...]]:
    """Of (JSON text, position…) one row: (the first `last` items as a JSON text, how many rows there were, the position of the
    last item). So one row is parsed and not a hundred.
    """
    document, *position = rows.subquery("found").c
    items = func.array_agg(document, type_=ARRAY(Text))[slice(1, last)]
    return select(
        func.coalesce(func.array_to_string(items, ","), ""),
        func.count(),
        *(func.array_agg(part, type_=ARRAY(part.type))[last] for part in position),
    )


def tags() -> Select[Any]:
    """The hundred most used, as one JSON text."""
    used = select(_popular.c.name, _popular.c.posts).subquery("used")
    listed = func.json_agg(func.json_build_object("name", used.c.name, "posts", used.c.posts))
    return select(func.json_build_object("items", func.coalesce(listed, func.json_build_array())).cast(Text))
