"""Fields that several requests share."""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, EmailStr, Field, StringConstraints

from auth import opaque_tokens

_NO_ADDRESS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029<>]")


def _bare(value: Any) -> Any:
    """Pydantic would take the address out of `Ada <ada@example.org>`, and line ends off it."""
    if isinstance(value, str) and _NO_ADDRESS.search(value):
        raise ValueError("must be an e-mail address and nothing else")
    return value


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
Email = Annotated[EmailStr, BeforeValidator(_bare), Field(max_length=254)]
Locale = Literal["en", "ru"]
Transport = Literal["cookie", "body"]
Scope = Annotated[str, StringConstraints(max_length=500)]
OpaqueToken = Annotated[str, StringConstraints(max_length=opaque_tokens.MAX_LENGTH)]


class Accepted(BaseModel):
    """The same words whatever was found."""

    message: str
