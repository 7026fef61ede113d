from typing import Annotated

from pydantic import StringConstraints

from auth.schemas.fields import OpaqueToken
from common.schemas import Strict


class Deletion(Strict):
    """`confirm`: the account's e-mail address, typed, so that nobody deletes an account by a slip."""

    confirm: Annotated[str, StringConstraints(max_length=254)]


class Restoration(Strict):
    token: OpaqueToken
