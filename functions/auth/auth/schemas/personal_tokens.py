from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from auth.schemas.fields import PlainName, Scope
from common.schemas import Strict


class PersonalTokenCreate(Strict):
    """`scope`: what it may do, space-separated."""

    name: PlainName
    scope: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    expires_in_days: Annotated[int, Field(ge=1, le=366)] = 90


class PersonalTokenRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    scope: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class PersonalTokenMade(PersonalTokenRead):
    """`token` is shown this once."""

    token: str


class PersonalTokenList(BaseModel):
    items: list[PersonalTokenRead]


class Exchange(Strict):
    """`scope`: ask for less than the token may do."""

    token: Annotated[str, StringConstraints(max_length=200)]
    scope: Scope | None = None


class AccessToken(BaseModel):
    """RFC 6749 section 5.1; `expires_in` in seconds."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int
    scope: str
