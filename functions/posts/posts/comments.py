"""Writing comments. Authors change and delete their own; authors of posts those on their posts, moderators any, delete."""

from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from common.idempotency import Key
from common.identity import User
from common.models.posts import Post, visible
from common.models.posts_community import Comment
from common.models.posts_notifications import Happening
from posts import comment_reading, keyed, markdown
from posts.comment_reading import must_be_visible
from posts.community_errors import CommentChanged, CommentNotFound, NotYourComment, TooManyComments
from posts.community_schemas import CommentCreate
from posts.mentions import handles
from posts.service import MODERATOR

DEEPEST = 100
A_MINUTE = 10
"""Comments of one person."""

# Held until the end, so that a crowd of requests of one person is counted one after the other.
_ALONE = text("SELECT pg_advisory_xact_lock(uuid_hash_extended(:person, 4173))")
_RECENT = text(
    "SELECT count(*) FROM posts.comments WHERE author_id = :person AND created_at > now() - interval '1 minute'"
)


async def create(
    session: AsyncSession, author: User, post_id: UUID, order: CommentCreate, key: Key | None
) -> tuple[str, int, bool]:
    """(JSON, version, whether an earlier request with this key has made it)."""
    identifier, replayed = await keyed.identifier(session, author.id, key, "comment", post_id, order)
    if replayed:
        return *await comment_reading.read(session, identifier), True
    await must_be_visible(session, post_id)
    above = await _parent(session, post_id, order.parent_id) if order.parent_id else None
    rendered = await markdown.rendered(order.body)
    await session.execute(_ALONE, {"person": author.id})
    if int(await session.scalar(_RECENT, {"person": author.id}) or 0) >= A_MINUTE:
        raise TooManyComments
    values = {
        "id": identifier,
        "post_id": post_id,
        "parent_id": above.id if above else None,
        "path": (above.path if above else b"") + identifier.bytes,
        "depth": above.depth + 1 if above else 0,
        "author_id": author.id,
        "body": order.body,
        "html": rendered.html,
    }
    await session.execute(insert(Comment).values(values))
    news = {"kind": "comment", "comment_id": identifier, "mentions": handles(rendered.html)}
    await session.execute(insert(Happening).values(news))
    return *await comment_reading.read(session, identifier), False


async def _parent(session: AsyncSession, post_id: UUID, parent_id: UUID) -> Comment:
    """What the new comment stands under: of one on the lowest level, what that stands under."""
    parent = await session.scalar(
        select(Comment).where(Comment.id == parent_id, Comment.post_id == post_id, Comment.deleted_at.is_(None))
    )
    if parent is not None and parent.depth >= DEEPEST:
        parent = await session.get(Comment, parent.parent_id)
    if parent is None:
        raise CommentNotFound
    return parent


async def _locked(session: AsyncSession, comment_id: UUID, *where: ColumnElement[bool]) -> Comment:
    query = (
        select(Comment)
        .join(Post, Post.id == Comment.post_id)
        .where(Comment.id == comment_id, Comment.deleted_at.is_(None), *where)
        .with_for_update(of=Comment, key_share=True)
    )
    comment = await session.scalar(query)
    if comment is None:
        raise CommentNotFound
    return comment


async def edit(
    session: AsyncSession, user: User, comment_id: UUID, body: str, expected_version: int | None
) -> tuple[str, int]:
    """`expected_version` (from If-Match): refuse to overwrite an edit the caller has not seen."""
    comment = await _locked(session, comment_id, visible())
    if comment.author_id != user.id:
        raise NotYourComment
    if expected_version is not None and expected_version != comment.version:
        raise CommentChanged
    rendered = await markdown.rendered(body)
    values = {"body": body, "html": rendered.html, "version": comment.version + 1, "edited_at": func.now()}
    await session.execute(update(Comment).where(Comment.id == comment_id).values(values))
    return await comment_reading.read(session, comment_id)


async def remove(session: AsyncSession, user: User, comment_id: UUID) -> None:
    """The words are gone for good; the place in the thread stays, and so do the answers. Also where nobody sees the post now."""
    comment = await _locked(session, comment_id)
    if comment.author_id != user.id and MODERATOR not in user.scopes:
        writer = await session.scalar(select(Post.author_id).where(Post.id == comment.post_id))
        if writer != user.id:
            raise NotYourComment
    gone = {"body": "", "html": "", "deleted_at": func.now(), "version": comment.version + 1}
    await session.execute(update(Comment).where(Comment.id == comment_id).values(gone))
