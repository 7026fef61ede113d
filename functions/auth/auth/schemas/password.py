from auth.schemas.fields import Email, GivenPassword, NewPassword, OpaqueToken, Transport
from common.schemas import Strict


class PasswordForgot(Strict):
    email: Email


class PasswordReset(Strict):
    """`token`: from the letter."""

    token: OpaqueToken
    password: NewPassword


class PasswordChange(Strict):
    """`current_password` is left out by accounts that have none."""

    current_password: GivenPassword | None = None
    new_password: NewPassword
    transport: Transport = "cookie"
