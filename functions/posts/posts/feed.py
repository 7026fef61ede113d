"""The posts of whom and what somebody follows: the newest few of each, merged. The work grows with the page, not with the posts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.posts import Post
from common.pagination import decode_cursor, encode_cursor
from posts.comment_reading import VISIBLE
from posts.queries import summary


def statement(*, later: bool) -> str:
    """(published_at, id). UNION and not UNION ALL: a post that is followed for two reasons is there once."""
    by_author = "AND (p.published_at, p.id) < (:at, :post)" if later else ""
    by_tag = "AND (pt.published_at, pt.post_id) < (:at, :post)" if later else ""
    return f"""
    SELECT published_at, id FROM (
        SELECT newest.published_at, newest.id FROM posts.followed_authors AS f CROSS JOIN LATERAL (
            SELECT p.published_at, p.id FROM posts.posts AS p
            WHERE p.author_id = f.author_id AND {VISIBLE} AND p.published_at IS NOT NULL {by_author}
            ORDER BY p.published_at DESC, p.id DESC LIMIT :most
        ) AS newest WHERE f.person_id = :person
        UNION
        SELECT newest.published_at, newest.id FROM posts.followed_tags AS f CROSS JOIN LATERAL (
            SELECT pt.published_at, p.id FROM posts.post_tags AS pt JOIN posts.posts AS p ON p.id = pt.post_id
            WHERE pt.tag_id = f.tag_id AND pt.published_at IS NOT NULL AND {VISIBLE} {by_tag}
            ORDER BY pt.published_at DESC, pt.post_id DESC LIMIT :most
        ) AS newest WHERE f.person_id = :person
    ) AS followed ORDER BY published_at DESC, id DESC LIMIT :most"""  # noqa: S608 - of constants


async def read(session: AsyncSession, person: UUID, cursor: str | None, limit: int) -> str:
    """The JSON of a page, newest first."""
    after = decode_cursor(cursor, tuple[datetime, UUID]) if cursor else None
    values: dict[str, object] = {"person": person, "most": limit + 1}
    if after:
        values |= {"at": after[0], "post": after[1]}
    rows = (await session.execute(text(statement(later=after is not None)), values)).all()
    shown = rows[:limit]
    found = await session.execute(summary().where(Post.id.in_([row.id for row in shown])))
    posts = {row[1]: row[0] for row in found}
    items = ",".join(posts[row.id] for row in shown if row.id in posts)
    following = f'"{encode_cursor(shown[-1])}"' if len(rows) > limit else "null"
    return f'{{"items":[{items}],"next_cursor":{following}}}'
