from auth.schemas.fields import Email, OpaqueToken
from common.schemas import Strict


class MailProof(Strict):
    """The token from a letter."""

    token: OpaqueToken


class EmailAddress(Strict):
    email: Email
