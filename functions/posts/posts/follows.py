"""Whom and what somebody follows. Doing it twice is doing it once."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from posts.community_errors import CannotFollowYourself, PersonNotFound, TagNotFound, TooManyFollows
from posts.community_schemas import FollowedAuthorRead, FollowList

MOST = 1000
"""People and tags together: what a page of the feed costs grows with them."""

_ALONE = text("SELECT pg_advisory_xact_lock(uuid_hash_extended(:person, 4174))")
_HOW_MANY = text("""
    SELECT (SELECT count(*) FROM posts.followed_authors WHERE person_id = :person)
        + (SELECT count(*) FROM posts.followed_tags WHERE person_id = :person)""")
_FOLLOW_AUTHOR = text("""
    WITH fresh AS (
        INSERT INTO posts.followed_authors (person_id, author_id) VALUES (:person, :author)
        ON CONFLICT DO NOTHING RETURNING id
    ) INSERT INTO posts.happenings (kind, follow_id) SELECT 'follower', id FROM fresh""")
_FOLLOW_TAG = text("INSERT INTO posts.followed_tags (person_id, tag_id) VALUES (:person, :tag) ON CONFLICT DO NOTHING")
_LEAVE_AUTHOR = text("DELETE FROM posts.followed_authors WHERE person_id = :person AND author_id = :author")
_LEAVE_TAG = text("""
    DELETE FROM posts.followed_tags
    WHERE person_id = :person AND tag_id = (SELECT id FROM posts.tags WHERE name = :name)""")
_TAG = text("SELECT id FROM posts.tags WHERE name = :name")
_IS_HERE = text("SELECT EXISTS (SELECT FROM identity.here WHERE id = :person)")
_AUTHORS = text("""
    SELECT f.author_id AS id, coalesce(p.display_name, '') AS display_name, p.handle
    FROM posts.followed_authors AS f LEFT JOIN identity.people AS p ON p.id = f.author_id
    WHERE f.person_id = :person ORDER BY f.created_at DESC, f.author_id""")
_TAGS = text("""
    SELECT t.name FROM posts.followed_tags AS f JOIN posts.tags AS t ON t.id = f.tag_id
    WHERE f.person_id = :person ORDER BY f.created_at DESC, t.name""")


async def _room(session: AsyncSession, person: UUID) -> None:
    await session.execute(_ALONE, {"person": person})
    if int(await session.scalar(_HOW_MANY, {"person": person}) or 0) >= MOST:
        raise TooManyFollows


async def follow_author(session: AsyncSession, person: UUID, author: UUID) -> None:
    if person == author:
        raise CannotFollowYourself
    if not await session.scalar(_IS_HERE, {"person": author}):
        raise PersonNotFound
    await _room(session, person)
    await session.execute(_FOLLOW_AUTHOR, {"person": person, "author": author})


async def leave_author(session: AsyncSession, person: UUID, author: UUID) -> None:
    await session.execute(_LEAVE_AUTHOR, {"person": person, "author": author})


async def follow_tag(session: AsyncSession, person: UUID, name: str) -> None:
    tag = await session.scalar(_TAG, {"name": name})
    if tag is None:
        raise TagNotFound
    await _room(session, person)
    await session.execute(_FOLLOW_TAG, {"person": person, "tag": tag})


async def leave_tag(session: AsyncSession, person: UUID, name: str) -> None:
    await session.execute(_LEAVE_TAG, {"person": person, "name": name})


async def list_follows(session: AsyncSession, person: UUID) -> FollowList:
    authors = await session.execute(_AUTHORS, {"person": person})
    tags = await session.scalars(_TAGS, {"person": person})
    return FollowList(
        authors=[FollowedAuthorRead(id=a.id, display_name=a.display_name, handle=a.handle) for a in authors],
        tags=list(tags),
    )
