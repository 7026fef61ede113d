"""The refresh token's cookie: out of reach of scripts, sent to nothing but `/v1/auth`, and only from our own pages."""

from fastapi import Request, Response

from auth.errors import ForeignOrigin, InvalidRefreshToken
from auth.sessions import SLIDING
from common.settings import settings

_PATH = "/v1/auth"


def _secure() -> bool:
    return settings().public_url.startswith("https://")


def _name() -> str:
    """Browsers refuse a `__Secure-` name over plain http, which a laptop on a local network is."""
    return "__Secure-artel-refresh" if _secure() else "artel-refresh"


def put(response: Response, token: str) -> None:
    response.set_cookie(
        _name(),
        token,
        max_age=int(SLIDING.total_seconds()),
        path=_PATH,
        secure=_secure(),
        httponly=True,
        samesite="strict",
    )


def drop(response: Response) -> None:
    response.delete_cookie(_name(), path=_PATH, secure=_secure(), httponly=True, samesite="strict")


def given(request: Request) -> str | None:
    """The cookie's token, when one of our own pages sent it."""
    token = request.cookies.get(_name())
    if token is not None and request.headers.get("origin") not in settings().origins:
        raise ForeignOrigin
    return token


def either(body_token: str | None, request: Request) -> str:
    token = body_token or given(request)
    if not token:
        raise InvalidRefreshToken
    return token
