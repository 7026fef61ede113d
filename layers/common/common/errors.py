"""Errors a caller can act on. The class name is the public code; the docstring is the sentence people read."""

from typing import Any, ClassVar


class AppError(Exception):
    """Something went wrong."""

    status: ClassVar[int] = 500
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, detail: str | None = None, *, headers: dict[str, str] | None = None, keep: bool = False) -> None:
        """`keep`: what the request wrote so far is committed all the same, since it records this very outcome."""
        self.detail = detail or " ".join((type(self).__doc__ or type(self).__name__).split())
        self.response_headers = {**self.headers, **(headers or {})}
        self.keep = keep
        super().__init__(self.detail)

    @property
    def code(self) -> str:
        return type(self).__name__


class BadRequest(AppError):
    """The request cannot be understood."""

    status = 400


class Unauthorized(AppError):
    """A valid access token is needed."""

    # No hint about what was wrong with the token: whoever forges one learns nothing.
    status = 401
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": "Bearer"}


class Forbidden(AppError):
    """The access token does not carry the scope this needs."""

    status = 403


class NotFound(AppError):
    """There is nothing here."""

    status = 404


class Unprocessable(AppError):
    """The request is well-formed but a value in it is not acceptable."""

    status = 422


class ServiceUnavailable(AppError):
    """The service cannot answer right now; try again shortly."""

    status = 503
    headers: ClassVar[dict[str, str]] = {"Retry-After": "2"}


def problems(*errors: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that may answer with these errors."""
    responses: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        told = " ".join((error.__doc__ or "").split())
        known = responses.setdefault(
            error.status, {"description": "", "content": {"application/problem+json": {"schema": PROBLEM_REF}}}
        )
        known["description"] = " ".join(filter(None, [known["description"], f"`{error.__name__}`: {told}"]))
    return responses


PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}
