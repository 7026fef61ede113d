from common.errors import AppError, NotFound


class ImageNotFound(NotFound):
    """There is no such image."""


class ImageNotSent(AppError):
    """The file has not arrived yet; send it with the form, and then say so."""

    status = 409


class TooManyImages(AppError):
    """You have begun a hundred images within a day; go on tomorrow."""

    status = 429
    headers = {"Retry-After": "3600"}  # noqa: RUF012 - a class attribute of the base
