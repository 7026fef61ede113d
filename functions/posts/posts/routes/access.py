from typing import Annotated
from uuid import UUID

from fastapi import Path, Query

from common.errors import AppError
from common.idempotency import IdempotencyKeyMissing, IdempotencyKeyReused
from common.identity import RequireScope, User
from posts.schemas import Tag

KEYED: tuple[type[AppError], ...] = (IdempotencyKeyMissing, IdempotencyKeyReused)
"""What any request with an Idempotency-Key may be answered."""
Writer = Annotated[User, RequireScope("posts:write")]
Reader = Writer
"""Somebody who reads what is theirs."""
Member = Writer
"""Somebody who takes part: with the same right as who writes posts."""
Moderator = Annotated[User, RequireScope("posts:moderate")]
OfTag = Annotated[Tag | None, Query(description="Only posts with this tag.")]
OfAuthor = Annotated[UUID | None, Query(description="Only this person's posts.")]
IdOrSlug = Annotated[str, Path(max_length=200, pattern=r"^[^\x00]+$", description="The post's id or its slug.")]
