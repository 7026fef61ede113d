"""Reading comments: one statement a page, in which PostgreSQL builds the JSON. A thread is one range of its index."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from common.pagination import decode_cursor, encode_cursor
from posts.community_errors import CommentNotFound
from posts.community_schemas import CommentOrder
from posts.errors import PostNotFound

FIRST_REPLIES = 3

VISIBLE = "p.deleted_at IS NULL AND p.hidden_at IS NULL AND p.published_at <= now()"
_POST = text(f"SELECT true FROM posts.posts AS p WHERE p.id = :post AND {VISIBLE}")  # noqa: S608 - of constants


def _json(c: str) -> str:
    return f"""json_build_object(
        'id', {c}.id, 'post_id', {c}.post_id, 'parent_id', {c}.parent_id, 'depth', {c}.depth,
        'author', CASE WHEN {c}.deleted_at IS NULL THEN json_build_object('id', {c}.author_id, 'display_name',
            coalesce((SELECT who.display_name FROM identity.people AS who WHERE who.id = {c}.author_id), '')) END,
        'body', {c}.body, 'html', {c}.html, 'version', {c}.version, 'created_at', {c}.created_at,
        'edited_at', {c}.edited_at, 'deleted', {c}.deleted_at IS NOT NULL)::text"""  # noqa: S608 - of constants


# Everything below a comment: its ids begin with a time, so none begins with the byte ff.
_BELOW = r"r.post_id = c.post_id AND r.path > c.path AND r.path < c.path || '\xff'::bytea"


def _top(order: CommentOrder, *, later: bool) -> str:
    sign, way = (">", "ASC") if order == "oldest" else ("<", "DESC")
    return f"""
    SELECT {_json("c")} AS words, c.id, below.words AS replies, below.ids AS reply_ids
    FROM (
        SELECT * FROM posts.comments AS c
        WHERE c.post_id = :post AND c.parent_id IS NULL {f"AND c.id {sign} :after" if later else ""}
        ORDER BY c.id {way} LIMIT :most
    ) AS c
    CROSS JOIN LATERAL (
        SELECT array_agg({_json("r")} ORDER BY r.path) AS words, array_agg(r.id ORDER BY r.path) AS ids FROM (
            SELECT * FROM posts.comments AS r WHERE {_BELOW} ORDER BY r.path LIMIT :replies
        ) AS r
    ) AS below
    ORDER BY c.id {way}"""  # noqa: S608 - of constants


_REPLIES = text(f"""
    SELECT {_json("r")}, r.id FROM posts.comments AS c
    JOIN posts.posts AS p ON p.id = c.post_id AND {VISIBLE}
    CROSS JOIN LATERAL (
        SELECT * FROM posts.comments AS r
        WHERE {_BELOW} AND r.path > (SELECT a.path FROM posts.comments AS a WHERE a.id = :after)
        ORDER BY r.path LIMIT :most
    ) AS r
    WHERE c.id = :comment ORDER BY r.path""")  # noqa: S608 - of constants
_ONE = text(f"""
    SELECT {_json("c")} AS words, c.version FROM posts.comments AS c
    JOIN posts.posts AS p ON p.id = c.post_id AND {VISIBLE} WHERE c.id = :comment""")  # noqa: S608 - of constants


def _page(items: list[str], following: UUID | None) -> str:
    cursor = "null" if following is None else f'"{encode_cursor([following])}"'
    return f'{{"items":[{",".join(items)}],"next_cursor":{cursor}}}'


async def must_be_visible(session: AsyncSession, post_id: UUID) -> None:
    if await session.scalar(_POST, {"post": post_id}) is None:
        raise PostNotFound


def _thread(words: str, replies: list[str], ids: list[UUID]) -> str:
    more = len(replies) > FIRST_REPLIES
    cursor = f'"{encode_cursor([ids[FIRST_REPLIES - 1]])}"' if more else "null"
    shown = ",".join(replies[:FIRST_REPLIES])
    return f'{words.rstrip().removesuffix("}")}, "replies":[{shown}],"replies_cursor":{cursor}}}'


async def list_comments(
    session: AsyncSession, post_id: UUID, order: CommentOrder, cursor: str | None, limit: int
) -> str:
    """The JSON of a page of comments on the post itself, each with the first of its thread."""
    after = decode_cursor(cursor, tuple[UUID])[0] if cursor else None
    await must_be_visible(session, post_id)
    values = {"post": post_id, "most": limit + 1, "replies": FIRST_REPLIES + 1}
    query = text(_top(order, later=after is not None))
    rows = (await session.execute(query, values | ({"after": after} if after else {}))).all()
    items = [_thread(row.words, row.replies or [], row.reply_ids or []) for row in rows[:limit]]
    return _page(items, rows[limit - 1].id if len(rows) > limit else None)


async def list_replies(session: AsyncSession, comment_id: UUID, cursor: str | None, limit: int) -> str:
    """The JSON of a page of everything below a comment, in the order of reading: each answer before the next one's sister."""
    await read(session, comment_id)
    # A cursor is an id and not a path, which may be long. Rows stay as long as their post does.
    after = decode_cursor(cursor, tuple[UUID])[0] if cursor else comment_id
    values = {"comment": comment_id, "after": after, "most": limit + 1}
    rows = (await session.execute(_REPLIES, values)).all()
    return _page([row[0] for row in rows[:limit]], rows[limit - 1][1] if len(rows) > limit else None)


async def read(session: AsyncSession, comment_id: UUID) -> tuple[str, int]:
    """(JSON, version)."""
    row = (await session.execute(_ONE, {"comment": comment_id})).one_or_none()
    if row is None:
        raise CommentNotFound
    return row[0], row[1]
