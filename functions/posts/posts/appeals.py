"""What an author is told of decisions about a post, and may say against them."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.posts import Post
from common.models.posts_moderation import Appeal
from posts import moderation, reports
from posts.errors import PostNotFound
from posts.moderation_errors import NothingToAppeal
from posts.moderation_schemas import ActionList, ActionRead, AppealCreate


async def actions(session: AsyncSession, author_id: UUID, post_id: UUID) -> ActionList:
    """What was done to it and why, though not by whom; what was dismissed is nobody's business. Raises PostNotFound."""
    await _own(session, author_id, post_id)
    done = [action for action in await moderation.actions_on(session, "post", post_id) if action.action != "dismiss"]
    return ActionList(items=[ActionRead.model_validate(action, from_attributes=True) for action in done])


async def create(session: AsyncSession, author_id: UUID, post_id: UUID, appeal: AppealCreate) -> None:
    """Against the last decision, once. Raises PostNotFound, NothingToAppeal."""
    post = await _own(session, author_id, post_id)
    done = [action for action in await moderation.actions_on(session, "post", post_id) if action.action != "dismiss"]
    if post.hidden_at is None or not done:
        raise NothingToAppeal
    case_id = await reports.open_case(session, "post", post_id)
    values = {"action_id": done[0].id, "case_id": case_id, "words": appeal.words}
    made = insert(Appeal).values(values).on_conflict_do_nothing().returning(Appeal.action_id)
    if await session.scalar(made) is None:
        raise NothingToAppeal


async def _own(session: AsyncSession, author_id: UUID, post_id: UUID) -> Post:
    """Also when it is removed."""
    post = await session.scalar(select(Post).where(Post.id == post_id, Post.author_id == author_id))
    if post is None:
        raise PostNotFound
    return post
