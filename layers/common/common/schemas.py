"""Bases of what goes over the wire."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """What a caller sends: an unknown field is an error, so that a misspelt or privileged one is never ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class Problem(BaseModel):
    """RFC 9457 problem details. `code` is stable and meant for programs, `detail` for people."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list["FieldProblem"] | None = None


class FieldProblem(BaseModel):
    """One field of a refused request: where it stands and what is wrong with it."""

    location: str
    message: str
