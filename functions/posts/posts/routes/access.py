from typing import Annotated

from fastapi import Path

from common.errors import AppError
from common.idempotency import IdempotencyKeyMissing, IdempotencyKeyReused
from common.identity import RequireScope, User

KEYED: tuple[type[AppError], ...] = (IdempotencyKeyMissing, IdempotencyKeyReused)
"""What any request with an Idempotency-Key may be answered."""
Writer = Annotated[User, RequireScope("posts:write")]
Reader = Writer
"""Somebody who reads what is theirs."""
Member = Writer
"""Somebody who takes part: with the same right as who writes posts."""
Moderator = Annotated[User, RequireScope("posts:moderate")]
IdOrSlug = Annotated[str, Path(max_length=200, pattern=r"^[^\x00]+$", description="The post's id or its slug.")]
