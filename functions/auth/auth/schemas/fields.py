"""Fields that several requests share."""

from typing import Annotated, Literal

from pydantic import BaseModel, EmailStr, Field, StringConstraints

from auth import opaque_tokens

NewPassword = Annotated[str, StringConstraints(min_length=8, max_length=256)]
GivenPassword = Annotated[str, StringConstraints(min_length=1, max_length=256)]
"""As it was when it was set; only its length is bounded."""
DisplayName = Annotated[
    str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]+$")
]
PlainName = Annotated[
    str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]+$")
]
"""What somebody calls a thing of their own."""
Email = Annotated[EmailStr, Field(max_length=254)]
Locale = Literal["en", "ru"]
Transport = Literal["cookie", "body"]
Scope = Annotated[str, StringConstraints(max_length=500)]
OpaqueToken = Annotated[str, StringConstraints(max_length=opaque_tokens.MAX_LENGTH)]


class Accepted(BaseModel):
    """The same words whatever was found."""

    message: str
