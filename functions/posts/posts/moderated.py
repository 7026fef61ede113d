"""What can be reported and decided about, by kind: that it is there, whose it is, and what a decision does to it."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, null, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.posts import Post, visible
from posts import reading
from posts.moderation_errors import NotHidden, OwnSubject, SubjectNotFound
from posts.moderation_schemas import Action, Kind


async def check(session: AsyncSession, kind: Kind, subject_id: UUID) -> None:
    """That somebody who reports it can have seen it. Raises SubjectNotFound.

    Comments are taken as they come.
    """
    if kind == "post" and await session.scalar(select(Post.id).where(Post.id == subject_id, visible())) is None:
        raise SubjectNotFound


async def _post(session: AsyncSession, post_id: UUID, moderator_id: UUID, action: Action) -> None:
    post = await session.scalar(select(Post).where(Post.id == post_id).with_for_update())
    if post is None:
        raise SubjectNotFound
    if post.author_id == moderator_id:
        raise OwnSubject
    if action == "restore" and post.hidden_at is None:
        raise NotHidden
    if action in _OF_POSTS:
        reading.changed(session)
        await session.execute(update(Post).where(Post.id == post_id).values(_OF_POSTS[action]))


_REMOVED = Post.deleted_at == Post.hidden_at
_OF_POSTS: dict[Action, dict[str, Any]] = {
    "hide": {"hidden_at": func.coalesce(Post.hidden_at, func.now())},
    # Only a removal leaves the same moment in both: what its author had deleted before stays deleted when it is restored.
    "remove": {
        "hidden_at": func.now(),
        "deleted_at": case((_REMOVED | Post.deleted_at.is_(None), func.now()), else_=Post.deleted_at),
    },
    "restore": {"hidden_at": None, "deleted_at": case((_REMOVED, null()), else_=Post.deleted_at)},
}


async def _comment(_session: AsyncSession, _comment_id: UUID, _moderator_id: UUID, action: Action) -> None:
    if action != "dismiss":
        raise SubjectNotFound


_APPLY: dict[Kind, Callable[[AsyncSession, UUID, UUID, Action], Awaitable[None]]] = {"post": _post, "comment": _comment}


async def apply(session: AsyncSession, kind: Kind, subject_id: UUID, moderator_id: UUID, action: Action) -> None:
    """Raises SubjectNotFound, OwnSubject, NotHidden."""
    await _APPLY[kind](session, subject_id, moderator_id, action)
