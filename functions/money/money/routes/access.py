"""Who may do what, and what several routes have in common."""

from typing import Annotated

from fastapi import Response

from common.errors import AppError
from common.idempotency import REPLAYED, IdempotencyKeyMissing, IdempotencyKeyReused
from common.identity import RequireScope, User
from money.errors import RequestInProgress

Reader = Annotated[User, RequireScope("money:read")]
Writer = Annotated[User, RequireScope("money:write")]
Administrator = Annotated[User, RequireScope("admin")]

KEYED: tuple[type[AppError], ...] = (IdempotencyKeyMissing, IdempotencyKeyReused, RequestInProgress)
"""What any request with an Idempotency-Key may be answered."""


def mark(response: Response, *, replayed: bool) -> None:
    if replayed:
        response.headers.update(REPLAYED)
