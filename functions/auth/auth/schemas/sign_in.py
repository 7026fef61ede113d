from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

from auth.schemas.fields import Email, GivenPassword, OpaqueToken, Scope, Transport
from common.schemas import Strict

DeviceToken = Annotated[str, StringConstraints(max_length=100)]


class SignIn(Strict):
    """What every kind of sign-in may say.

    `transport`: where the refresh token travels. `device_token`: from an earlier sign-in on this device; browsers leave
    it out, theirs comes in a cookie.
    """

    transport: Transport = "cookie"
    device_token: DeviceToken | None = None


class Login(SignIn):
    """`scope`: ask for less than the account may do (space-separated)."""

    email: Email
    password: GivenPassword
    scope: Scope | None = None


class RefreshToken(Strict):
    """Left out by browsers: theirs comes in the cookie."""

    refresh_token: Annotated[str, StringConstraints(max_length=200)] | None = None


class Tokens(BaseModel):
    """RFC 6749 section 5.1, `expires_in` in seconds. The last two are null when they travel in cookies."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int
    scope: str
    refresh_token: str | None = None
    device_token: str | None = None


class MfaRequired(BaseModel):
    """The password was right. Send `challenge` and a code to login/mfa within `expires_in` seconds."""

    mfa_required: Literal[True] = True
    challenge: OpaqueToken
    methods: list[Literal["totp", "recovery_code"]] = ["totp", "recovery_code"]
    expires_in: int
