from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Response

from auth.access_tokens import LIFE_S
from auth.client import FromClient
from auth.errors import (
    EmailNotVerified,
    InvalidPersonalToken,
    PersonalTokenNotFound,
    ReauthenticationRequired,
    TooManyRequests,
    TooManyThings,
    UnknownScope,
)
from auth.nudge import nudge
from auth.recent_login import RecentlyIn, Self
from auth.schemas.personal_tokens import (
    AccessToken,
    Exchange,
    PersonalTokenCreate,
    PersonalTokenList,
    PersonalTokenMade,
    PersonalTokenRead,
)
from auth.service import personal_tokens
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems

router = APIRouter()


@router.post("/tokens/exchange", responses=problems(InvalidPersonalToken, UnknownScope, TooManyRequests))
async def exchange_token(order: Exchange, session: DbSession, client: FromClient, response: Response) -> AccessToken:
    """For programs: an access token of ten minutes for a personal token. There is nothing to refresh; exchange again."""
    response.headers["Cache-Control"] = "no-store"
    token, scope = await personal_tokens.exchange(session, order.token, order.scope, client)
    return AccessToken(access_token=token, expires_in=LIFE_S, scope=scope)


@router.get("/me/tokens", responses=problems(Unauthorized, Forbidden))
async def list_tokens(user: Self, session: DbSession) -> PersonalTokenList:
    """Your personal access tokens that still work."""
    found = await personal_tokens.of_person(session, user.id)
    return PersonalTokenList(items=[PersonalTokenRead.model_validate(token) for token in found])


@router.post(
    "/me/tokens",
    status_code=201,
    responses=problems(
        Unauthorized, Forbidden, ReauthenticationRequired, EmailNotVerified, UnknownScope, TooManyThings
    ),
)
async def create_token(
    order: PersonalTokenCreate,
    user: RecentlyIn,
    session: DbSession,
    client: FromClient,
    response: Response,
    background: BackgroundTasks,
) -> PersonalTokenMade:
    """A secret for a program of yours. It is shown this once."""
    response.headers["Cache-Control"] = "no-store"
    made, token = await personal_tokens.create(session, user.id, order, client)
    background.add_task(nudge)
    return PersonalTokenMade(**PersonalTokenRead.model_validate(made).model_dump(), token=token)


@router.delete(
    "/me/tokens/{token_id}", status_code=204, responses=problems(Unauthorized, Forbidden, PersonalTokenNotFound)
)
async def revoke_token(token_id: UUID, user: Self, session: DbSession, client: FromClient) -> None:
    """It works no more, nor does any access token it was exchanged for."""
    await personal_tokens.revoke(session, user.id, token_id, client)
