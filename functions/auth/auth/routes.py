from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Header, Request, Response

from auth import cookies, published_keys, service, sessions
from auth.access_tokens import LIFE_S
from auth.errors import ForeignOrigin, InvalidCredentials, InvalidRefreshToken, UnknownScope, WeakPassword
from auth.schemas import Accepted, JsonWebKeySet, Login, Me, MeUpdate, RefreshToken, Register, Tokens
from common import mail
from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.identity import CurrentUser, RequireScope, User

router = APIRouter()

UserAgent = Annotated[str, Header(include_in_schema=False)]


def _answer(response: Response, granted: service.Granted, *, in_cookie: bool) -> Tokens:
    response.headers["Cache-Control"] = "no-store"
    if in_cookie:
        cookies.put(response, granted.refresh_token)
    return Tokens(
        access_token=granted.access_token,
        expires_in=LIFE_S,
        scope=granted.scope,
        refresh_token=None if in_cookie else granted.refresh_token,
    )


@router.post("/register", status_code=202, responses=problems(WeakPassword))
async def register(order: Register, session: DbSession, background: BackgroundTasks) -> Accepted:
    """Create an account. The answer is the same whether or not the address already has one; its owner gets a letter."""
    background.add_task(mail.send, await service.register(session, order))
    return Accepted(message="Thank you. We have sent a letter to this address.")


@router.post("/login", responses=problems(InvalidCredentials, UnknownScope))
async def login(order: Login, response: Response, session: DbSession, user_agent: UserAgent = "") -> Tokens:
    """Sign in with e-mail and password."""
    granted = await service.login(session, order, user_agent)
    return _answer(response, granted, in_cookie=order.transport == "cookie")


@router.post("/refresh", responses=problems(InvalidRefreshToken, ForeignOrigin))
async def refresh(
    request: Request, response: Response, session: DbSession, order: RefreshToken | None = None
) -> Tokens:
    """A new access token and the next refresh token. A refresh token from the past ends its session."""
    body_token = order.refresh_token if order else None
    granted = await service.refresh(session, cookies.either(body_token, request))
    return _answer(response, granted, in_cookie=body_token is None)


@router.post("/logout", status_code=204, responses=problems(ForeignOrigin))
async def logout(request: Request, response: Response, session: DbSession, order: RefreshToken | None = None) -> None:
    """End the session: its access tokens are refused from now on, in every group."""
    token = (order.refresh_token if order else None) or cookies.given(request)
    if token:
        await sessions.end(session, token)
    cookies.drop(response)


@router.get("/me", responses=problems(Unauthorized))
async def read_me(user: CurrentUser, session: DbSession) -> Me:
    """Your own account."""
    return await service.me(session, user.id)


@router.patch("/me", responses=problems(Unauthorized, Forbidden))
async def update_me(change: MeUpdate, user: Annotated[User, RequireScope("profile")], session: DbSession) -> Me:
    """Change your name or language."""
    return await service.update_me(session, user.id, change)


@router.get("/.well-known/openid-configuration")
async def discovery() -> dict[str, object]:
    """Where a verifier of our tokens finds issuer and keys (OpenID Connect Discovery 1.0)."""
    return published_keys.discovery_document()


@router.get("/.well-known/jwks.json")
async def jwks(session: DbSession, response: Response) -> JsonWebKeySet:
    """The public keys that tokens may be signed with (RFC 7517)."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return JsonWebKeySet.model_validate(await published_keys.key_set(session))
