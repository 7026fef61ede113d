from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class RevisionSummary(BaseModel):
    """A version of a post: who made it, and when."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    title: str
    editor_id: UUID | None = Field(description="Null: somebody whose account is gone.")
    created_at: datetime


class RevisionRead(RevisionSummary):
    body: str = Field(description="Markdown, as written.")
    tags: list[str]


class DifferenceLine(BaseModel):
    kind: Literal["equal", "added", "removed"]
    text: str


class Difference(BaseModel):
    """What became of one version in another, line by line."""

    version: int
    against: int
    title: tuple[str, str] | None = Field(description="Before and after; null when it stayed.")
    tags_added: list[str]
    tags_removed: list[str]
    lines: list[DifferenceLine]
    truncated: bool = Field(description="Only the first 3,000 lines of each were compared.")


class DeletedPost(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    title: str
    excerpt: str
    deleted_at: datetime
