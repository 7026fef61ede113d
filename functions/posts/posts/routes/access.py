from typing import Annotated

from fastapi import Depends, Path, Request

from common.db import DbSession
from common.identity import RequireScope, User, current_user
from posts import writers
from posts.reads import Address


async def _writing(user: Annotated[User, RequireScope("posts:write")], session: DbSession) -> User:
    await writers.note(session, user.id)
    return user


async def _moderating(user: Annotated[User, RequireScope("posts:moderate")], session: DbSession) -> User:
    await writers.note(session, user.id)
    return user


async def _fresh(request: Request) -> bool:
    """Whether the reader has just written. Reading is public, but who sends a token must be who it says."""
    if "authorization" not in request.headers:
        return False
    return await writers.wrote_lately((await current_user(request, None)).id)


Writer = Annotated[User, Depends(_writing)]
Reader = Annotated[User, RequireScope("posts:write")]
"""Somebody who reads what is theirs."""
Moderator = Annotated[User, Depends(_moderating)]
Fresh = Annotated[bool, Depends(_fresh)]
IdOrSlug = Annotated[str, Path(max_length=200, pattern=r"^[^\x00]+$", description="The post's id or its slug.")]


def address(request: Request) -> Address:
    return request.scope["path"], request.scope["query_string"]
