"""What a post was before each edit: listed, compared, read. Its author and moderators may see it."""

import asyncio
import difflib
from collections.abc import Iterator

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.posts import Post
from common.models.posts_revisions import Revision
from common.pagination import Page, decode_cursor, page
from posts.errors import RevisionNotFound
from posts.revision_schemas import Difference, DifferenceLine, RevisionRead, RevisionSummary

MOST_LINES = 3000
"""Of either text. Comparing takes the product of both at worst."""


async def keep(session: AsyncSession, post: Post) -> None:
    """The version that is about to be edited; the post is locked."""
    values = {
        "post_id": post.id,
        "version": post.version,
        "title": post.title,
        "body": post.body,
        "tags": post.tags,
        "editor_id": post.editor_id or post.author_id,
        "created_at": post.updated_at,
    }
    await session.execute(insert(Revision).values(values))


async def list_of(session: AsyncSession, post: Post, cursor: str | None, limit: int) -> Page[RevisionSummary]:
    """Those before the newest, newest first."""
    query = select(Revision).where(Revision.post_id == post.id).order_by(Revision.version.desc()).limit(limit + 1)
    if cursor is not None:
        (version,) = decode_cursor(cursor, tuple[int])
        query = query.where(Revision.version < version)
    rows = (await session.scalars(query)).all()
    return page(rows, limit, RevisionSummary.model_validate, lambda row: (row.version,))


async def one(session: AsyncSession, post: Post, version: int) -> RevisionRead:
    """The newest one too. Raises RevisionNotFound."""
    if version == post.version:
        return RevisionRead(
            version=post.version,
            title=post.title,
            body=post.body,
            tags=post.tags,
            editor_id=post.editor_id or post.author_id,
            created_at=post.updated_at,
        )
    found = await session.get(Revision, (post.id, version))
    if found is None:
        raise RevisionNotFound
    return RevisionRead.model_validate(found)


async def difference(session: AsyncSession, post: Post, version: int, against: int | None) -> Difference:
    """From `version` to `against`, the newest if not given. Raises RevisionNotFound."""
    old, new = await one(session, post, version), await one(session, post, against or post.version)
    before, after = old.body.split("\n"), new.body.split("\n")
    lines = await asyncio.to_thread(lambda: list(_lines(before[:MOST_LINES], after[:MOST_LINES])))
    return Difference(
        version=old.version,
        against=new.version,
        title=None if old.title == new.title else (old.title, new.title),
        tags_added=sorted(set(new.tags) - set(old.tags)),
        tags_removed=sorted(set(old.tags) - set(new.tags)),
        lines=lines,
        truncated=max(len(before), len(after)) > MOST_LINES,
    )


def _lines(before: list[str], after: list[str]) -> Iterator[DifferenceLine]:
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if kind == "equal":
            yield from (DifferenceLine(kind="equal", text=line) for line in before[a:b])
        yield from (DifferenceLine(kind="removed", text=line) for line in before[a:b] if kind != "equal")
        yield from (DifferenceLine(kind="added", text=line) for line in after[c:d] if kind != "equal")
