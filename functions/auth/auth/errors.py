from common.errors import Forbidden, Unauthorized, Unprocessable


class InvalidCredentials(Unauthorized):
    """The e-mail address or the password is wrong."""


class InvalidRefreshToken(Unauthorized):
    """The refresh token is not valid; sign in again."""


class ForeignOrigin(Forbidden):
    """The refresh cookie is only taken from the site's own pages."""


class WeakPassword(Unprocessable):
    """The password must not be the e-mail address or the name."""


class UnknownScope(Unprocessable):
    """The scope asked for is not one this account has."""
