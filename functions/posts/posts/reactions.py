"""What somebody thinks of a post, and what they keep for later. Doing it twice is doing it once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.posts import Post
from common.pagination import decode_cursor, encode_cursor
from posts.comment_reading import VISIBLE, must_be_visible
from posts.community_schemas import Flags, ReactionKind
from posts.queries import summary

_REACT = text("""INSERT INTO posts.reactions (post_id, person_id, kind) VALUES (:post, :person, :kind)
    ON CONFLICT DO NOTHING""")
_UNREACT = text("DELETE FROM posts.reactions WHERE post_id = :post AND person_id = :person AND kind = :kind")
_KEEP = text("INSERT INTO posts.bookmarks (person_id, post_id) VALUES (:person, :post) ON CONFLICT DO NOTHING")
_DROP = text("DELETE FROM posts.bookmarks WHERE person_id = :person AND post_id = :post")
_FLAGS = text("""
    SELECT p.id AS post_id,
        ARRAY(SELECT kind FROM posts.reactions AS r WHERE r.post_id = p.id AND r.person_id = :person ORDER BY kind)
            AS reactions,
        EXISTS (SELECT FROM posts.bookmarks AS b WHERE b.post_id = p.id AND b.person_id = :person) AS bookmarked
    FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS p (id, n) ORDER BY n""")


def _bookmarks(*, later: bool) -> str:
    return f"""
    SELECT b.created_at, b.post_id FROM posts.bookmarks AS b JOIN posts.posts AS p ON p.id = b.post_id AND {VISIBLE}
    WHERE b.person_id = :person {"AND (b.created_at, b.post_id) < (:at, :post)" if later else ""}
    ORDER BY b.created_at DESC, b.post_id DESC LIMIT :most"""  # noqa: S608 - of constants


async def react(session: AsyncSession, person: UUID, post_id: UUID, kind: ReactionKind) -> None:
    await must_be_visible(session, post_id)
    await session.execute(_REACT, {"post": post_id, "person": person, "kind": kind})


async def take_back(session: AsyncSession, person: UUID, post_id: UUID, kind: ReactionKind) -> None:
    """Of a post that is gone as well."""
    await session.execute(_UNREACT, {"post": post_id, "person": person, "kind": kind})


async def bookmark(session: AsyncSession, person: UUID, post_id: UUID) -> None:
    await must_be_visible(session, post_id)
    await session.execute(_KEEP, {"post": post_id, "person": person})


async def drop_bookmark(session: AsyncSession, person: UUID, post_id: UUID) -> None:
    await session.execute(_DROP, {"post": post_id, "person": person})


async def list_bookmarks(session: AsyncSession, person: UUID, cursor: str | None, limit: int) -> str:
    """The JSON of a page, the newest bookmark first."""
    after = decode_cursor(cursor, tuple[datetime, UUID]) if cursor else None
    values: dict[str, object] = {"person": person, "most": limit + 1}
    if after:
        values |= {"at": after[0], "post": after[1]}
    rows = (await session.execute(text(_bookmarks(later=after is not None)), values)).all()
    shown = rows[:limit]
    found = await session.execute(summary().where(Post.id.in_([row.post_id for row in shown])))
    posts = {row[1]: row[0] for row in found}
    items = [
        f'{{"created_at":"{row.created_at.isoformat()}","post":{posts[row.post_id]}}}'
        for row in shown
        if row.post_id in posts
    ]
    following = f'"{encode_cursor(shown[-1])}"' if len(rows) > limit else "null"
    return f'{{"items":[{",".join(items)}],"next_cursor":{following}}}'


async def flags(session: AsyncSession, person: UUID, ids: list[UUID]) -> list[Flags]:
    rows = await session.execute(_FLAGS, {"person": person, "ids": list(dict.fromkeys(ids))})
    return [Flags(post_id=row.post_id, reactions=row.reactions, bookmarked=row.bookmarked) for row in rows]
