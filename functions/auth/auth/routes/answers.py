"""How a finished sign-in is answered."""

from fastapi import Request, Response

from auth import cookies
from auth.access_tokens import LIFE_S
from auth.grants import Granted
from auth.schemas.fields import Transport
from auth.schemas.sign_in import SignIn, Tokens


def device_token(order: SignIn, request: Request) -> str | None:
    return order.device_token or cookies.device(request)


def tokens(response: Response, granted: Granted, transport: Transport) -> Tokens:
    """Refresh and device token in cookies, or in the body for clients that are not browsers."""
    response.headers["Cache-Control"] = "no-store"
    in_cookie = transport == "cookie"
    if in_cookie:
        cookies.put(response, granted.refresh_token)
        if granted.device_token:
            cookies.put_device(response, granted.device_token)
    return Tokens(
        access_token=granted.access_token,
        expires_in=LIFE_S,
        scope=granted.scope,
        refresh_token=None if in_cookie else granted.refresh_token,
        device_token=None if in_cookie else granted.device_token,
    )
