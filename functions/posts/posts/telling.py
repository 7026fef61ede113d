"""Who is told of what has happened: written here, in bounded batches, and never in the request that made it happen.

Whatever is told is taken in the same transaction, so that a killed worker leaves it to the next one.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from common.batches import in_batches
from common.db import transaction
from posts.mentions import handles

_BATCH = 500
_FOLLOWERS = 1000
_CHANGES = 10_000

_FOLD = text("SELECT posts.fold_counters(:most)")
_FOLD_TAGS = text("SELECT posts.fold_tag_counts(:most)")
_TAKE = text("""
    DELETE FROM posts.happenings WHERE id IN (
        SELECT id FROM posts.happenings ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED
    ) RETURNING kind, post_id, comment_id, follow_id, mentions""")
_COMMENT = text("SELECT posts.tell_comment(:comment, CAST(:handles AS text[]))")
_REACTIONS = text("SELECT posts.tell_reactions(:post)")
_FOLLOWED = text("SELECT posts.tell_followed(:follow)")
_MENTIONED = text("SELECT posts.tell_mentioned(:post, CAST(:handles AS text[]))")
_TELL_FOLLOWERS = text("SELECT posts.tell_followers(:most)")
_FORGET = text("""
    WITH gone AS (
        DELETE FROM posts.notifications WHERE id IN (
            SELECT id FROM posts.notifications WHERE at < now() - interval '180 days' ORDER BY at LIMIT :most
            FOR UPDATE SKIP LOCKED
        ) RETURNING id
    ) SELECT count(*) FROM gone""")
# A post whose moment has come, whether it was published at once or has waited. One that nobody looked at for a day is no news.
_PUBLISHED = text("""
    WITH fresh AS (
        SELECT p.id, p.html FROM posts.posts AS p
        WHERE p.deleted_at IS NULL AND p.hidden_at IS NULL AND p.published_at BETWEEN now() - interval '1 day' AND now()
            AND NOT EXISTS (SELECT FROM posts.announcements AS a WHERE a.post_id = p.id)
        ORDER BY p.published_at LIMIT :most
    ), told AS (
        INSERT INTO posts.announcements (post_id, told_up_to) SELECT id, 0 FROM fresh ON CONFLICT DO NOTHING
        RETURNING post_id
    ) SELECT f.id, f.html FROM fresh AS f JOIN told AS t ON t.post_id = f.id""")


async def fold_counters() -> int:
    """Add up what was counted one by one. Returns how many changes there were."""
    return await in_batches("posts", _FOLD, _CHANGES)


async def fold_tag_counts() -> int:
    """The same for how many posts have which tag."""
    return await in_batches("posts", _FOLD_TAGS, _CHANGES)


async def forget() -> int:
    """Half a year is long enough for any news. Returns how many were put away."""
    return await in_batches("posts", _FORGET, _CHANGES)


async def tell() -> int:
    """Comments, reactions and new followers. Returns how many things were told of."""
    done = 0
    while taken := await _tell_some():
        done += taken
    return done


async def _tell_some() -> int:
    async with transaction("posts") as session:
        rows = (await session.execute(_TAKE, {"most": _BATCH})).all()
        for row in rows:
            if row.kind == "comment":
                await session.execute(_COMMENT, {"comment": row.comment_id, "handles": row.mentions})
            elif row.kind == "follower":
                await session.execute(_FOLLOWED, {"follow": row.follow_id})
        for post in sorted({row.post_id for row in rows if row.kind == "reaction"}):
            await session.execute(_REACTIONS, {"post": post})
        return len(rows)


async def announce() -> int:
    """New posts: to whom they mention, then to the followers of their authors. Returns how many posts."""
    done = 0
    while True:
        async with transaction("posts") as session:
            found = await _announce_some(session)
        done += found
        if found < _BATCH:
            break
    while await _tell_some_followers():
        pass
    return done


async def _announce_some(session: AsyncSession) -> int:
    rows = (await session.execute(_PUBLISHED, {"most": _BATCH})).all()
    for row in rows:
        if names := handles(row.html):
            await session.execute(_MENTIONED, {"post": row.id, "handles": names})
    return len(rows)


async def _tell_some_followers() -> bool:
    async with transaction("posts") as session:
        return bool(await session.scalar(_TELL_FOLLOWERS, {"most": _FOLLOWERS}))
