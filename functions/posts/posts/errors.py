from common.errors import AppError, Forbidden, NotFound, Unprocessable


class PostNotFound(NotFound):
    """There is no such post."""


class NotTheAuthor(Forbidden):
    """Only the author or a moderator may change this post."""


class PostChanged(AppError):
    """The post was changed since you read it; read it again and repeat your edit on the new version."""

    status = 412


class SlugTaken(AppError):
    """Another post is called so, or was."""

    status = 409


class RevisionNotFound(NotFound):
    """The post has no such version."""


class DeletedByModerator(Forbidden):
    """A moderator has deleted this post; only a moderator can bring it back."""


class PublicationInThePast(Unprocessable):
    """A post can wait for a moment to come; to publish it now, leave `publish_at` out."""
