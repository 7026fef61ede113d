"""What can go wrong with what readers say and do."""

from common.errors import AppError, Forbidden, NotFound, Unprocessable


class CommentNotFound(NotFound):
    """There is no such comment."""


class NotYourComment(Forbidden):
    """Only its author may change a comment; they, the author of the post and moderators may delete it."""


class CommentChanged(AppError):
    """The comment was changed since you read it; read it again and repeat your edit on the new version."""

    status = 412


class TooManyComments(AppError):
    """You have written many comments within a minute; wait one and go on."""

    status = 429
    headers = {"Retry-After": "60"}  # noqa: RUF012 - a class attribute of the base


class PersonNotFound(NotFound):
    """There is no such person."""


class TagNotFound(NotFound):
    """Nobody has used this tag."""


class CannotFollowYourself(Unprocessable):
    """You cannot follow yourself."""


class TooManyFollows(AppError):
    """You follow as many people and tags as one can; stop following one first."""

    status = 409
