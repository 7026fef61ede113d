from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Path, Request, Response

from auth import cookies
from auth.client import FromClient
from auth.errors import (
    AccountExists,
    EmailNotVerified,
    ExternalEmailUnconfirmed,
    ExternalProviderUnavailable,
    ExternalSignInFailed,
    IdentityNotFound,
    IdentityTaken,
    InvalidChallenge,
    LastWayIn,
    ProviderNotFound,
    ReauthenticationRequired,
    TooManyRequests,
    TooManyThings,
)
from auth.nudge import nudge
from auth.oidc import visits
from auth.recent_login import RecentlyIn, Self
from auth.routes import answers
from auth.schemas.external import Departure, ExternalSignIn, IdentityRead, ProviderRead, Return
from auth.schemas.sign_in import MfaRequired, Tokens
from auth.service import external, identities, sign_in
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems

router = APIRouter()

_VISIT = (ProviderNotFound, TooManyRequests, ExternalSignInFailed, ExternalProviderUnavailable)
_OWNER = (Unauthorized, Forbidden, ReauthenticationRequired)
Name = Annotated[str, Path(description="Of a provider, as `GET external/providers` lists it")]


def _departure(response: Response, visit: visits.Visit) -> Departure:
    response.headers["Cache-Control"] = "no-store"
    cookies.put_visit(response, visit.browser, visits.LIFE)
    return Departure(authorization_url=visit.url, state=visit.state)


@router.get("/external/providers")
async def read_external_providers() -> list[ProviderRead]:
    """The outside providers one may sign in with; often none."""
    return external.offered()


@router.post("/login/external/{name}/start", responses=problems(*_VISIT))
async def start_external_login(
    name: Name, request: Request, response: Response, session: DbSession, client: FromClient
) -> Departure:
    """Begin to sign in with an outside account. A cookie makes sure that the same browser ends it."""
    return _departure(response, await external.start(session, name, cookies.visit(request), client))


@router.post(
    "/login/external/{name}/finish",
    responses=problems(*_VISIT, InvalidChallenge, ExternalEmailUnconfirmed, AccountExists),
)
async def finish_external_login(
    name: Name, order: ExternalSignIn, request: Request, response: Response, session: DbSession, client: FromClient
) -> Tokens | MfaRequired:
    """Sign in with what the provider sent back. An outside account nobody knows yet makes a new account here."""
    order.device_token = answers.device_token(order, request)
    granted = await external.finish(session, name, order, cookies.visit(request), client)
    if isinstance(granted, sign_in.SecondFactorWanted):
        response.headers["Cache-Control"] = "no-store"
        return MfaRequired(challenge=granted.challenge, expires_in=int(sign_in.MFA_LIFE.total_seconds()))
    return answers.tokens(response, granted, order.transport)


@router.get("/me/identities", responses=problems(Unauthorized, Forbidden))
async def read_identities(user: Self, session: DbSession) -> list[IdentityRead]:
    """The outside accounts you may sign in with."""
    return await identities.of(session, user.id)


@router.post("/me/identities/{name}/start", responses=problems(*_OWNER, *_VISIT, EmailNotVerified))
async def start_identity(
    name: Name, user: RecentlyIn, request: Request, response: Response, session: DbSession, client: FromClient
) -> Departure:
    """Begin to connect an outside account to yours."""
    return _departure(response, await identities.start(session, user.id, name, cookies.visit(request), client))


@router.post(
    "/me/identities/{name}/finish",
    responses=problems(*_OWNER, *_VISIT, InvalidChallenge, EmailNotVerified, IdentityTaken, TooManyThings),
)
async def finish_identity(
    name: Name,
    order: Return,
    user: RecentlyIn,
    request: Request,
    session: DbSession,
    client: FromClient,
    background: BackgroundTasks,
) -> list[IdentityRead]:
    """Connect the outside account, with what the provider sent back. A letter tells you of it."""
    connected = await identities.finish(session, user.id, name, order, cookies.visit(request), client)
    background.add_task(nudge)
    return connected


@router.delete("/me/identities/{id}", status_code=204, responses=problems(*_OWNER, IdentityNotFound, LastWayIn))
async def delete_identity(
    id: UUID,  # noqa: A002 - the gateway's name of it
    user: RecentlyIn,
    session: DbSession,
    client: FromClient,
    background: BackgroundTasks,
) -> None:
    """Disconnect an outside account: it does not sign in here any more."""
    await identities.remove(session, user.id, id, client)
    background.add_task(nudge)
