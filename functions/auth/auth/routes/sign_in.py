from fastapi import APIRouter, Request, Response

from auth import cookies, sessions
from auth.client import FromClient
from auth.errors import (
    ForeignOrigin,
    InvalidCredentials,
    InvalidRefreshToken,
    TooManyRequests,
    TooManySignIns,
    UnknownScope,
)
from auth.routes import answers
from auth.schemas.sign_in import Login, MfaRequired, RefreshToken, Tokens
from auth.service import sign_in
from common.db import DbSession
from common.errors import problems

router = APIRouter()


@router.post("/login", responses=problems(InvalidCredentials, UnknownScope, TooManyRequests, TooManySignIns))
async def login(
    order: Login, request: Request, response: Response, session: DbSession, client: FromClient
) -> Tokens | MfaRequired:
    """Sign in with e-mail and password. An account with an authenticator app is asked for a code next."""
    order.device_token = answers.device_token(order, request)
    granted = await sign_in.login(session, order, client)
    if isinstance(granted, sign_in.SecondFactorWanted):
        response.headers["Cache-Control"] = "no-store"
        return MfaRequired(challenge=granted.challenge, expires_in=int(sign_in.MFA_LIFE.total_seconds()))
    return answers.tokens(response, granted, order.transport)


@router.post("/refresh", responses=problems(InvalidRefreshToken, ForeignOrigin))
async def refresh(
    request: Request,
    response: Response,
    session: DbSession,
    client: FromClient,
    order: RefreshToken | None = None,
) -> Tokens:
    """A new access token and the next refresh token. A refresh token from the past ends its session."""
    body_token = order.refresh_token if order else None
    granted = await sign_in.refresh(session, cookies.either(body_token, request), client)
    return answers.tokens(response, granted, "body" if body_token else "cookie")


@router.post("/logout", status_code=204, responses=problems(ForeignOrigin))
async def logout(
    request: Request, response: Response, session: DbSession, client: FromClient, order: RefreshToken | None = None
) -> None:
    """End the session: its access tokens are refused from now on, in every group."""
    token = (order.refresh_token if order else None) or cookies.given(request)
    if token:
        await sessions.end(session, token, client)
    cookies.drop(response)
