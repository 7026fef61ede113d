"""What a post is called in its address: by itself from the title, or as its author wants. Former names lead on."""

import re
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.posts import OldSlug, Post
from posts.errors import SlugTaken

_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 4174))"
PATTERN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
RESERVED = frozenset(
    [
        "bookmarks",
        "comments",
        "deleted",
        "drafts",
        "feed",
        "follows",
        "health",
        "images",
        "mine",
        "moderation",
        "new",
        "notifications",
        "preview",
        "purchases",
        "ready",
        "search",
        "sitemap",
        "tags",
    ]
)
"""Paths beside the posts' own, of the API or the page."""


def acceptable(slug: str) -> str:
    """Raises ValueError."""
    if not PATTERN.fullmatch(slug):
        raise ValueError("a slug is words of a-z and 0-9 with single hyphens between them")
    if slug in RESERVED or _UUID.fullmatch(slug):
        raise ValueError("this word is an address of its own")
    return slug


def from_title(title: str, identifier: UUID) -> str:
    """Readable, and unique by the random end of the id; it stays when the title changes, so links live on."""
    from slugify import slugify  # loads its transliteration tables

    words = slugify(title, max_length=60, word_boundary=True)
    return f"{words}-{identifier.hex[-10:]}" if words else identifier.hex[-10:]


async def take(session: AsyncSession, post_id: UUID, slug: str) -> str:
    """Raises SlugTaken: another post is or was called so."""
    connection = await session.connection()
    await connection.exec_driver_sql(_ALONE, (slug,))  # names stand in two tables, so no index holds them apart
    now = select(Post.id).where(Post.slug == slug, Post.id != post_id)
    before = select(OldSlug.post_id).where(OldSlug.slug == slug, OldSlug.post_id != post_id)
    if await session.scalar(select(func.coalesce(now.scalar_subquery(), before.scalar_subquery()))) is not None:
        raise SlugTaken
    return slug


async def rename(session: AsyncSession, post: Post, slug: str) -> None:
    """Of a post that is locked: the former name leads to it from now on. Raises SlugTaken."""
    await take(session, post.id, slug)
    await session.execute(delete(OldSlug).where(OldSlug.slug == slug))
    former = insert(OldSlug).values(slug=post.slug, post_id=post.id)
    await session.execute(former.on_conflict_do_nothing())
