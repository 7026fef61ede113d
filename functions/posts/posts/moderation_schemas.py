from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from common.schemas import Strict

Kind = Literal["post", "comment"]
Action = Literal["dismiss", "hide", "remove", "restore"]
ReportReason = Literal["spam", "abuse", "hate", "sexual", "violence", "illegal", "copyright", "personal_data", "other"]
_TEXT = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
Words = Annotated[str, StringConstraints(max_length=1000, strip_whitespace=True, pattern=_TEXT)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True, pattern=_TEXT)]


class ReportCreate(Strict):
    reason: ReportReason
    words: Words = ""


class Decision(Strict):
    """`hide` keeps it from everybody but its author and moderators; `remove` deletes it as well. `restore` undoes both."""

    action: Action
    reason: Reason = Field(description="For the author and other moderators.")


class AppealCreate(Strict):
    words: Reason = Field(description="Why it should be restored.")


class CaseRead(BaseModel):
    """`appeal`: what the author says against its being hidden; `restore` or `dismiss` answers it. `title`, `slug` and `author_id` are of a post; null for what is no post or not there any more."""

    subject_kind: Kind
    subject_id: UUID
    opened_at: datetime
    reports: int
    appeal: str | None
    reasons: dict[ReportReason, int]
    title: str | None
    slug: str | None
    author_id: UUID | None


class ReportRead(BaseModel):
    """Who has reported is not told."""

    reason: ReportReason
    words: str
    created_at: datetime


class ActionRead(BaseModel):
    at: datetime
    action: Action
    reason: str


class ModeratorAction(ActionRead):
    actor_id: UUID


class SubjectHistory(BaseModel):
    """The newest hundred of each, newest first. `reports` are those that wait for a decision."""

    reports: list[ReportRead]
    actions: list[ModeratorAction]


class ActionList(BaseModel):
    items: list[ActionRead]
