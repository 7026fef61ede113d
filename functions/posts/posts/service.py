"""Writing posts. Authors change their own, moderators any."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from common.idempotency import Key
from common.identity import User
from common.models.posts import Post, PostTag, Tag
from posts import keyed, markdown, publishing, queries, reading, revisions, slugs
from posts.errors import NotTheAuthor, PostChanged, PostNotFound
from posts.schemas import PostCreate, PostUpdate

MODERATOR = "posts:moderate"


async def read_whole(session: AsyncSession, post_id: UUID) -> tuple[str, int]:
    """As its author reads it: (JSON, version)."""
    row = (await session.execute(queries.whole(post_id))).one_or_none()
    if row is None:
        raise PostNotFound
    return row[0], row[1]


async def create(session: AsyncSession, author: User, order: PostCreate, key: Key | None) -> tuple[str, int, bool]:
    """(JSON, version, whether an earlier request with this key has made it). Raises SlugTaken."""
    identifier, replayed = await keyed.identifier(session, author.id, key, "post", order)
    if replayed:
        return *await read_whole(session, identifier), True
    text = await markdown.rendered(order.body)
    now = (await session.execute(select(func.now()))).scalar_one()
    post = Post(
        id=identifier,
        slug=await slugs.take(session, identifier, order.slug)
        if order.slug
        else slugs.from_title(order.title, identifier),
        author_id=author.id,
        title=order.title,
        body=order.body,
        html=text.html,
        excerpt=text.excerpt,
        tags=sorted(order.tags),
        created_at=now,
        updated_at=now,
        published_at=publishing.moment(order, now),
    )
    session.add(post)
    await session.flush()
    await _put_tags(session, post.id, post.published_at, order.tags)
    reading.changed(session)
    return *await read_whole(session, post.id), False


async def own(session: AsyncSession, user: User, post_id: UUID) -> Post:
    """The post, locked, if the user may change it."""
    query = select(Post).where(Post.id == post_id, Post.deleted_at.is_(None)).with_for_update(key_share=True)
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
    post = await own(session, user, post_id)
    if expected_version is not None and expected_version != post.version:
        raise PostChanged
    await revisions.keep(session, post)
    values: dict[str, object] = {"version": post.version + 1, "updated_at": func.now(), "editor_id": user.id}
    if change.title is not None:
        values["title"] = change.title
    if change.slug is not None and change.slug != post.slug:
        await slugs.rename(session, post, change.slug)
        values["slug"] = change.slug
    if change.body is not None:
        text = await markdown.rendered(change.body)
        values |= {"body": change.body, "html": text.html, "excerpt": text.excerpt}
    published_at = await publishing.changed(session, post, change)
    values["published_at"] = published_at
    if change.tags is not None:
        values["tags"] = sorted(change.tags)
    await session.execute(update(Post).where(Post.id == post_id).values(values))
    if change.tags is not None:
        await _put_tags(session, post_id, published_at, change.tags)
    reading.changed(session)
    return await read_whole(session, post_id)


async def remove(session: AsyncSession, user: User, post_id: UUID) -> None:
    """Hidden from everybody; the row stays, so that it can be restored."""
    await own(session, user, post_id)
    await session.execute(update(Post).where(Post.id == post_id).values(deleted_at=func.now(), deleted_by=user.id))
    reading.changed(session)


async def _put_tags(session: AsyncSession, post_id: UUID, published_at: datetime | None, names: list[str]) -> None:
    await session.execute(delete(PostTag).where(PostTag.post_id == post_id))
    if not names:
        return
    # Sorted: two writers of the same new tags wait for each other in one order.
    await session.execute(insert(Tag).values([{"name": name} for name in sorted(names)]).on_conflict_do_nothing())
    # Held until the end: whoever is erased at this moment takes the tags along that nobody else uses.
    tag_ids = await session.scalars(
        select(Tag.id).where(Tag.name.in_(names)).with_for_update(key_share=True, read=True)
    )
    rows = [{"post_id": post_id, "tag_id": tag_id, "published_at": published_at} for tag_id in tag_ids]
    await session.execute(insert(PostTag).values(rows))
