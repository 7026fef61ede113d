from common.errors import AppError, Forbidden, NotFound


class SubjectNotFound(NotFound):
    """There is no such post or comment."""


class TooManyReports(AppError):
    """You have reported a lot within an hour; wait a while and go on."""

    status = 429
    headers = {"Retry-After": "900"}  # noqa: RUF012 - a class attribute of the base


class NothingReported(AppError):
    """Nobody has reported this, or somebody else has decided about it since."""

    status = 409


class NotHidden(AppError):
    """This is not hidden, so there is nothing to restore."""

    status = 409


class NothingToAppeal(AppError):
    """Your post is not hidden, or you have appealed against that before."""

    status = 409


class OwnSubject(Forbidden):
    """Nobody decides about a text of their own."""
