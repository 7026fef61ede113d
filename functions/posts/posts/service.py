"""Writing and reading posts. Authors change their own, moderators any."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from common.identity import User
from common.models.posts import Post, PostTag, Tag, visible
from common.pagination import decode_cursor, encode_cursor
from posts import markdown, pages, queries
from posts.errors import NotTheAuthor, PostChanged, PostNotFound
from posts.schemas import PostCreate, PostUpdate, TagList, TagRead

MODERATOR = "posts:moderate"


def _slug(title: str, identifier: UUID) -> str:
    """Readable, and unique by the random end of the id; it stays when the title changes, so links live on."""
    from slugify import slugify  # loads its transliteration tables

    words = slugify(title, max_length=60, word_boundary=True)
    return f"{words}-{identifier.hex[-10:]}" if words else identifier.hex[-10:]


async def list_posts(
    connection: AsyncConnection, *, tag: str | None, author: UUID | None, cursor: str | None, limit: int
) -> str:
    """The JSON of a page, as PostgreSQL built it."""
    after = decode_cursor(cursor, tuple[datetime, UUID]) if cursor else None
    moment, identifier = after or (None, None)
    given = {"tag": tag, "author": author, "moment": moment, "id": identifier, "rows": limit + 1}
    query = queries.newest(tag=tag is not None, author=author is not None, after=after is not None)
    rows = (await connection.exec_driver_sql(query, given)).all()
    following = f'"{encode_cursor(rows[limit - 1][1:])}"' if len(rows) > limit else "null"
    return f'{{"items":[{",".join(row[0] for row in rows[:limit])}],"next_cursor":{following}}}'


async def read(connection: AsyncConnection, id_or_slug: str) -> tuple[str, int]:
    """(JSON, version)."""
    name = _id(id_or_slug)
    query = queries.one(by_id=isinstance(name, UUID))
    row: Any = (await connection.exec_driver_sql(query, {"name": name})).one_or_none()
    if row is None:
        raise PostNotFound
    return row[0], row[1]


async def read_whole(connection: AsyncConnection, post_id: UUID) -> tuple[str, int]:
    """As its author reads it: (JSON, version)."""
    row: Any = (await connection.exec_driver_sql(queries.whole(), {"id": post_id})).one()
    return row[0], row[1]


def _id(id_or_slug: str) -> UUID | str:
    try:
        return UUID(id_or_slug)
    except ValueError:
        return id_or_slug


async def create(session: AsyncSession, author: User, order: PostCreate) -> tuple[str, int]:
    pages.drop_after(session)
    text = await markdown.rendered(order.body)
    identifier, now = (await session.execute(select(func.uuidv7(), func.now()))).one()
    post = Post(
        id=identifier,
        slug=_slug(order.title, identifier),
        author_id=author.id,
        title=order.title,
        body=order.body,
        html=text.html,
        excerpt=text.excerpt,
        created_at=now,
        updated_at=now,
        published_at=now,
    )
    session.add(post)
    await session.flush()
    await _put_tags(session, post, order.tags)
    return await read(await session.connection(), str(post.id))


async def _own(session: AsyncSession, user: User, post_id: UUID) -> Post:
    """The post, locked, if the user may change it."""
    query = select(Post).where(Post.id == post_id, Post.deleted_at.is_(None)).with_for_update()
    pages.drop_after(session)
    post = await session.scalar(query)
    if post is None:
        raise PostNotFound
    if post.author_id != user.id and MODERATOR not in user.scopes:
        raise NotTheAuthor
    return post


async def edit(
    session: AsyncSession, user: User, post_id: UUID, change: PostUpdate, expected_version: int | None
) -> tuple[str, int]:
    """`expected_version` (from If-Match): refuse to overwrite an edit the caller has not seen."""
    post = await _own(session, user, post_id)
    if expected_version is not None and expected_version != post.version:
        raise PostChanged
    values: dict[str, object] = {"version": post.version + 1, "updated_at": func.now()}
    if change.title is not None:
        values["title"] = change.title
    if change.body is not None:
        text = await markdown.rendered(change.body)
        values |= {"body": change.body, "html": text.html, "excerpt": text.excerpt}
    await session.execute(update(Post).where(Post.id == post_id).values(values))
    if change.tags is not None:
        await _put_tags(session, post, change.tags)
    return await read_whole(await session.connection(), post_id)


async def remove(session: AsyncSession, user: User, post_id: UUID) -> None:
    """Hidden from everybody; the row stays, so that it can be restored."""
    await _own(session, user, post_id)
    await session.execute(update(Post).where(Post.id == post_id).values(deleted_at=func.now()))


async def _put_tags(session: AsyncSession, post: Post, names: list[str]) -> None:
    await session.execute(delete(PostTag).where(PostTag.post_id == post.id))
    if not names:
        return
    # Sorted: two writers of the same new tags wait for each other in one order.
    await session.execute(insert(Tag).values([{"name": name} for name in sorted(names)]).on_conflict_do_nothing())
    # Held until the end: whoever is erased at this moment takes the tags along that nobody else uses.
    tag_ids = await session.scalars(
        select(Tag.id).where(Tag.name.in_(names)).with_for_update(key_share=True, read=True)
    )
    rows = [{"post_id": post.id, "tag_id": tag_id, "published_at": post.published_at} for tag_id in tag_ids]
    await session.execute(insert(PostTag).values(rows))


async def list_tags(connection: AsyncConnection) -> TagList:
    """The hundred most used."""
    uses = func.count().label("posts")
    query = (
        select(Tag.name, uses)
        .join(PostTag, PostTag.tag_id == Tag.id)
        .join(Post, Post.id == PostTag.post_id)
        .where(visible())
        .group_by(Tag.name)
        .order_by(uses.desc(), Tag.name)
        .limit(100)
    )
    return TagList(items=[TagRead(name=row.name, posts=row.posts) for row in await connection.execute(query)])
