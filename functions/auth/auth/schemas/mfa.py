from typing import Annotated, Self

from pydantic import BaseModel, StringConstraints, model_validator

from auth.schemas.fields import OpaqueToken
from auth.schemas.sign_in import SignIn
from common.schemas import Strict

Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
RecoveryCode = Annotated[str, StringConstraints(min_length=10, max_length=30)]


class Factors(BaseModel):
    totp: bool
    recovery_codes_left: int
    passkeys: int


class TotpSecret(BaseModel):
    """`secret` is base32, for typing in; `otpauth_uri` is what a QR code of it says."""

    secret: str
    otpauth_uri: str


class TotpConfirm(Strict):
    code: Code


class RecoveryCodes(BaseModel):
    """Shown this once."""

    recovery_codes: list[str]


class MfaLogin(SignIn):
    """`challenge` from login, and one of the two."""

    challenge: OpaqueToken
    code: Code | None = None
    recovery_code: RecoveryCode | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.code is None) == (self.recovery_code is None):
            raise ValueError("send either code or recovery_code")
        return self
