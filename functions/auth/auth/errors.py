from typing import ClassVar

from common.errors import AppError, Forbidden, NotFound, ServiceUnavailable, Unauthorized, Unprocessable


class Conflict(AppError):
    """The account is in a state that does not allow this."""

    status = 409


class InvalidCredentials(Unauthorized):
    """The e-mail address or the password is wrong."""


class InvalidRefreshToken(Unauthorized):
    """The refresh token is not valid; sign in again."""


class InvalidChallenge(Unauthorized):
    """This sign-in has expired or was finished already; begin anew."""


class InvalidCode(Unauthorized):
    """The code is not valid."""


class WrongCode(Unprocessable):
    """The code does not match; look whether the phone's clock is right, and take a new one."""


class InvalidPasskey(Unauthorized):
    """The passkey was not accepted."""


class InvalidPersonalToken(Unauthorized):
    """The personal access token is not valid."""


class InvalidMailToken(Unauthorized):
    """The link has expired or was used already; ask for a new one."""


class ExternalSignInFailed(Unauthorized):
    """The outside account could not be confirmed; begin anew."""


class ExternalEmailUnconfirmed(Unauthorized):
    """The outside account has no e-mail address that its provider confirms; confirm it there, or sign up here."""


class ForeignOrigin(Forbidden):
    """The refresh cookie is only taken from the site's own pages."""


class ReauthenticationRequired(Forbidden):
    """This needs a sign-in of the last 15 minutes; sign in again and repeat."""


class EmailNotVerified(Forbidden):
    """This needs a verified e-mail address; follow the link in the letter first."""


class WrongPassword(Forbidden):
    """The current password is wrong."""


class TooManyRequests(AppError):
    """Too many tries; wait and try again."""

    status = 429
    headers: ClassVar[dict[str, str]] = {"Retry-After": "60"}


class TooManySignIns(ServiceUnavailable):
    """Too many people are signing in at this moment; try again in a few seconds."""

    headers: ClassVar[dict[str, str]] = {"Retry-After": "5"}


class SigningUnavailable(ServiceUnavailable):
    """Access tokens cannot be signed right now; try again shortly."""


class ExternalProviderUnavailable(ServiceUnavailable):
    """The outside sign-in provider does not answer as it should; try again later, or sign in another way."""

    headers: ClassVar[dict[str, str]] = {"Retry-After": "30"}


class WeakPassword(Unprocessable):
    """The password is too easy to guess."""


class UnknownScope(Unprocessable):
    """The scope asked for is not one this account has."""


class UnknownRole(Unprocessable):
    """There is no such role."""


class PasskeyNotAccepted(Unprocessable):
    """The authenticator's answer does not fit; try again, with its PIN, finger or face."""


class NotConfirmed(Unprocessable):
    """The address given as confirmation is not this account's e-mail address."""


class SessionNotFound(NotFound):
    """There is no such session."""


class PasskeyNotFound(NotFound):
    """There is no such passkey."""


class PersonalTokenNotFound(NotFound):
    """There is no such personal access token."""


class ExportNotFound(NotFound):
    """There is no such export."""


class IdentityNotFound(NotFound):
    """There is no such outside account."""


class ProviderNotFound(NotFound):
    """There is no such sign-in provider."""


class AvatarNotFound(NotFound):
    """There is no such picture."""


class UserNotFound(NotFound):
    """There is no such person."""


class TotpAlreadyOn(Conflict):
    """An authenticator app is set up already; turn it off first."""


class TotpNotOn(Conflict):
    """No authenticator app is set up."""


class PasskeyAlreadyKnown(Conflict):
    """This passkey is registered already."""


class LastWayIn(Conflict):
    """This is the only way into the account; add another or set a password first."""


class NotYourself(Conflict):
    """Nobody can do this to themselves; ask another administrator."""


class AccountClosed(Conflict):
    """The account is disabled or deleted."""


class LastAdministrator(Conflict):
    """Nobody else is an administrator; appoint another first."""


class AccountExists(Conflict):
    """An account with this e-mail address exists; sign in to it and connect the outside account in its settings."""


class HandleTaken(Conflict):
    """Somebody else has this handle; choose another."""


class IdentityTaken(Conflict):
    """This outside account belongs to another person here."""


class TooManyThings(Conflict):
    """There are as many of these as one account may have; remove one first."""
