from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints

from auth.schemas.fields import OpaqueToken
from auth.schemas.sign_in import SignIn
from common.schemas import Strict

Code = Annotated[str, StringConstraints(min_length=1, max_length=4096, pattern=r"^[\x20-\x7e]+$")]
Issuer = Annotated[str, StringConstraints(max_length=500)]


class ProviderRead(BaseModel):
    name: str
    title: str


class Departure(BaseModel):
    """Send the browser to `authorization_url`; it comes back to the page sign-in/external/{name} with `state`."""

    authorization_url: str
    state: OpaqueToken


class Return(Strict):
    """What the provider has put into the address the person came back to. `iss`: when it is there (RFC 9207)."""

    code: Code
    state: OpaqueToken
    iss: Issuer | None = None


class ExternalSignIn(SignIn, Return):
    pass


class IdentityRead(BaseModel):
    """`provider` is its name here; one that is no longer offered keeps it. `email` is as the provider last told it."""

    id: UUID
    provider: str
    email: str | None
    created_at: datetime
    last_used_at: datetime | None
