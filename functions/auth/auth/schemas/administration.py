from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from auth.schemas.fields import DisplayName, Locale
from auth.schemas.mfa import Factors
from common.schemas import Strict


class UserRow(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    display_name: str
    roles: list[str]
    created_at: datetime
    email_verified_at: datetime | None
    disabled_at: datetime | None
    deleted_at: datetime | None


class UserRead(UserRow):
    locale: Locale
    has_password: bool
    factors: Factors
    sessions: int


class UserUpdate(Strict):
    """Fields left out stay as they are."""

    display_name: DisplayName = Field(default_factory=str)
    locale: Locale = Field(default_factory=lambda: "en")


class Disable(Strict):
    """`reason` stands in the audit log, and in the export of the person it is about."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]*$")]


class Roles(Strict):
    """All that the person shall have; `user` is always among them."""

    roles: Annotated[list[Annotated[str, StringConstraints(max_length=40)]], Field(max_length=10)]
