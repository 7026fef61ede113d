"""To whom: an account, or a person by handle or e-mail address."""

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from common.schemas import Strict
from money.schemas.fields import Address, Handle


def _absent(value: Any) -> bool:
    return value is None


# Left out where absent, so that an order to an account has the same fingerprint as before there were these.
ToHandle = Annotated[Handle | None, Field(exclude_if=_absent, description="Whoever has this handle.")]
ToEmail = Annotated[
    Address | None,
    Field(
        exclude_if=_absent,
        description="Whoever shows that this address is theirs. Nothing in the answer tells whether somebody has.",
    ),
]


class Recipient(Strict):
    """The models of this kind have these three, and the order of their fields is their own."""

    @property
    def recipient(self) -> str | None:
        """The person, as they were named; null for an account."""
        named: str | None = getattr(self, "to_handle", None) or getattr(self, "to_email", None)
        return named

    def given(self) -> list[UUID | str]:
        names = ("to_account_id", "to_handle", "to_email")
        return [value for name in names if (value := getattr(self, name, None)) is not None]


class OneRecipient(Recipient):
    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self.given()) != 1:
            raise ValueError("exactly one of to_account_id, to_handle and to_email must be given")
        return self


class AtMostOneRecipient(Recipient):
    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        if len(self.given()) > 1:
            raise ValueError("only one of to_handle and to_email can be given")
        return self


class PersonRead(BaseModel):
    """Who somebody is to others."""

    display_name: str
    handle: str | None
