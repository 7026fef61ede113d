from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from auth.schemas.fields import OpaqueToken, PlainName
from auth.schemas.sign_in import SignIn
from common.schemas import Strict

Credential = dict[Annotated[str, StringConstraints(max_length=50)], Any]
"""A PublicKeyCredential as the browser's `toJSON` gives it."""


class Ceremony(BaseModel):
    """`options` for the browser's parse…OptionsFromJSON; `challenge` comes back with the credential."""

    challenge: OpaqueToken
    options: dict[str, Any]


class PasskeyCreate(Strict):
    challenge: OpaqueToken
    name: PlainName
    credential: Credential


class PasskeyRename(Strict):
    name: PlainName


class PasskeyRead(BaseModel):
    """`backed_up`: the passkey is kept by a provider and not by one device only."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None


class PasskeyList(BaseModel):
    items: list[PasskeyRead]


class PasskeyLogin(SignIn):
    challenge: OpaqueToken
    credential: Credential
