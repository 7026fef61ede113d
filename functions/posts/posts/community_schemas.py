"""What readers say and do, as it goes over the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from common.pagination import Page
from common.schemas import Strict
from posts.schemas import Author, PostSummary


def _words(body: str) -> str:
    if "\x00" in body:
        raise ValueError("the text holds a NUL character")
    if not body.strip():
        raise ValueError("the text is empty")
    return body


CommentBody = Annotated[
    str,
    StringConstraints(min_length=1, max_length=10_000),
    AfterValidator(_words),
    Field(description="Markdown; `@handle` mentions somebody."),
]
ReactionKind = Literal["like", "love", "laugh", "wow", "sad", "thanks"]
NotificationKind = Literal["comment", "reply", "mention", "follower", "reaction", "post"]
Digest = Literal["off", "daily", "weekly"]
CommentOrder = Literal["oldest", "newest"]


class CommentCreate(Strict):
    """`parent_id`: the comment that is answered. Below the hundredth level an answer stands beside what it answers."""

    body: CommentBody
    parent_id: UUID | None = None


class CommentUpdate(Strict):
    body: CommentBody


class CommentRead(BaseModel):
    """A deleted comment keeps its place in the thread, without words and author."""

    id: UUID
    post_id: UUID
    parent_id: UUID | None
    depth: int = Field(description="0 for a comment on the post itself, 1 for an answer to one; at most 100.")
    author: Author | None
    body: str
    html: str
    version: int
    created_at: datetime
    edited_at: datetime | None
    deleted: bool


class CommentThread(CommentRead):
    """`replies`: the first of everything below it, in the order of reading; `replies_cursor` leads to the rest."""

    replies: list[CommentRead]
    replies_cursor: str | None


class Flags(BaseModel):
    post_id: UUID
    reactions: list[ReactionKind]
    bookmarked: bool


class FlagList(BaseModel):
    items: list[Flags]


class BookmarkRead(BaseModel):
    created_at: datetime
    post: PostSummary


class FollowedAuthorRead(BaseModel):
    id: UUID
    display_name: str
    handle: str | None


class FollowList(BaseModel):
    """The newest first; at most a thousand together."""

    authors: list[FollowedAuthorRead]
    tags: list[str]


class NotificationRead(BaseModel):
    """`people`: how many have reacted; such a one has no `actor`. `at` moves when more do."""

    id: UUID
    kind: NotificationKind
    actor: Author | None
    post_id: UUID | None
    post_slug: str | None
    post_title: str | None
    comment_id: UUID | None
    people: int | None
    at: datetime
    read_at: datetime | None


class NotificationPage(Page[NotificationRead]):
    unread: int = Field(description="Of all pages; 100 stands for that many or more.")


class ReadUpTo(Strict):
    """Without `up_to` all there are."""

    up_to: UUID | None = Field(None, description="This notification and all older ones.")


class NotificationSettingsChange(Strict):
    """What you are told of, and how often a letter says what you have not read."""

    comment: bool = True
    reply: bool = True
    mention: bool = True
    follower: bool = True
    reaction: bool = True
    post: bool = True
    digest: Digest = "weekly"


class NotificationSettingsRead(NotificationSettingsChange):
    pass
