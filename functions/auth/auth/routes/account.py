from fastapi import APIRouter

from auth.client import FromClient
from auth.errors import HandleTaken, TooManyRequests
from auth.recent_login import Self
from auth.schemas.account import Me, MeUpdate
from auth.service import account
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.identity import CurrentUser

router = APIRouter(responses=problems(Unauthorized))


@router.get("/me")
async def read_me(user: CurrentUser, session: DbSession) -> Me:
    """Your own account. Without the scope `profile` only what a signed-in program needs to know of you."""
    return account.read(await account.of(session, user.id), whole="profile" in user.scopes)


@router.patch("/me", responses=problems(Forbidden, HandleTaken, TooManyRequests))
async def update_me(change: MeUpdate, user: Self, session: DbSession, client: FromClient) -> Me:
    """Change your profile: what is left out stays, null clears."""
    return await account.update_me(session, user.id, change, client)
