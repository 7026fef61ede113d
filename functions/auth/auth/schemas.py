from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, EmailStr, Field, StringConstraints

from common.schemas import Strict

Password = Annotated[str, StringConstraints(min_length=8, max_length=256)]
DisplayName = Annotated[
    str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Email = Annotated[EmailStr, Field(max_length=254)]
Locale = Literal["en", "ru"]
Transport = Literal["cookie", "body"]


class Register(Strict):
    email: Email
    password: Password
    display_name: DisplayName
    locale: Locale = "en"


class Accepted(BaseModel):
    message: str


class Login(Strict):
    """`scope`: ask for less than the account may do (space-separated). `transport`: where the refresh token travels."""

    email: Email
    password: Annotated[str, StringConstraints(max_length=256)]
    transport: Transport = "cookie"
    scope: Annotated[str, StringConstraints(max_length=500)] | None = None


class RefreshToken(Strict):
    """Left out by browsers: theirs comes in the cookie."""

    refresh_token: Annotated[str, StringConstraints(max_length=200)] | None = None


class Tokens(BaseModel):
    """RFC 6749 section 5.1. `refresh_token` is null when it travels in the cookie; `expires_in` is in seconds."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int
    scope: str
    refresh_token: str | None = None


class Me(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    display_name: str
    locale: Locale
    roles: list[str]
    email_verified: bool
    created_at: datetime


class MeUpdate(Strict):
    display_name: DisplayName | None = None
    locale: Locale | None = None


class JsonWebKeySet(BaseModel):
    keys: list[dict[str, str]]
