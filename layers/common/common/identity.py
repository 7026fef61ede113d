"""Who is asking. Every group verifies the token itself, whatever a gateway did before, and looks its session up."""

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Security
from fastapi.security import OpenIdConnect, SecurityScopes

from common import scopes, tokens
from common.db import autocommit
from common.errors import Forbidden, Unauthorized
from common.gathering import Gathered
from common.settings import Group, settings

if TYPE_CHECKING:
    import jwt

_SCHEME = OpenIdConnect(
    openIdConnectUrl="/v1/auth/.well-known/openid-configuration", scheme_name="Artel", auto_error=False
)
_ONE_WORD = re.compile(r"[^\s,]+")
_KEY_LIFE_S = 60.0
_keys: "dict[str, tuple[float, jwt.PyJWK]]" = {}
"""With the time (monotonic) until which each is believed without looking again."""

_LIVE_SESSIONS = """SELECT s.user_id, s.roles
    FROM unnest(%s::uuid[], %s::uuid[]) WITH ORDINALITY AS asked (sid, sub, n)
    LEFT JOIN LATERAL identity.live_session(asked.sid, asked.sub) AS s ON true ORDER BY asked.n"""
_PUBLIC_KEY = """SELECT jwk::text, extract(epoch FROM retires_at - clock_timestamp())::float8 AS seconds_left
    FROM identity.public_keys WHERE kid = %s"""
_TOGETHER = 200
_claims: "dict[str, tuple[jwt.PyJWK, tokens.Claims]]" = {}
_MOST_TOKENS = 2000


@dataclass(frozen=True, slots=True)
class User:
    """The bearer of a verified token whose session is alive. `scopes` are the token's, less those a lost role brought."""

    id: UUID
    session_id: UUID
    scopes: frozenset[str]


def _bearer(request: Request) -> str:
    given = request.headers.getlist("authorization")
    scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not _ONE_WORD.fullmatch(token):
        raise Unauthorized
    return token


async def _public_key(group: Group, kid: str) -> "jwt.PyJWK":
    """Published keys come from the database, so that all instances agree the moment one is added or retired."""
    known = _keys.get(kid)
    if known and time.monotonic() < known[0]:
        return known[1]
    async with autocommit(group) as connection:
        found = (await connection.exec_driver_sql(_PUBLIC_KEY, (kid,))).one_or_none()
    if found is None:
        _keys.pop(kid, None)
        raise Unauthorized
    import jwt

    key = jwt.PyJWK(json.loads(found.jwk), algorithm=tokens.ALGORITHM)
    life_s = _KEY_LIFE_S if found.seconds_left is None else min(_KEY_LIFE_S, found.seconds_left)
    _keys[kid] = (time.monotonic() + life_s, key)
    return key


def _verified(token: str, key: "jwt.PyJWK") -> tokens.Claims:
    """A token that this very key has signed is believed without computing the signature again, until it ends."""
    known = _claims.get(token)
    if known and known[0] is key and time.time() < known[1].expires_at:
        return known[1]
    options = settings()
    claims = tokens.verify(token, key, options.issuer, options.jwt_audience)
    if len(_claims) >= _MOST_TOKENS:
        _claims.clear()
    _claims[token] = (key, claims)
    return claims


type _Live = tuple[UUID | None, list[str]]
"""Whose session it is, if it is alive, and their roles."""


async def _look_up(group: Group, asked: Sequence[tuple[UUID, UUID]]) -> Sequence[_Live]:
    sids, subs = zip(*asked, strict=True)
    async with autocommit(group) as connection:
        rows = await connection.exec_driver_sql(_LIVE_SESSIONS, (list(sids), list(subs)))
        return [(row.user_id, row.roles) for row in rows]


@cache
def _sessions(group: Group) -> Gathered[tuple[UUID, UUID], _Live]:
    return Gathered(partial(_look_up, group), most=_TOGETHER, at_once=2)


async def current_user(request: Request, _documented: Annotated[Any, Depends(_SCHEME)]) -> User:
    """401 for anything but one well-formed credential of a live session."""
    token = _bearer(request)
    group: Group = request.app.state.group
    try:
        claims = _verified(token, await _public_key(group, tokens.key_id(token)))
    except tokens.InvalidToken:
        raise Unauthorized from None
    user_id, roles = await _sessions(group)((claims.session_id, claims.user_id))
    if user_id is None:
        raise Unauthorized
    return User(id=user_id, session_id=claims.session_id, scopes=claims.scopes & scopes.of_roles(roles))


CurrentUser = Annotated[User, Depends(current_user)]


async def require_scopes(required: SecurityScopes, user: CurrentUser) -> User:
    missing = frozenset(required.scopes) - user.scopes
    if missing:
        raise Forbidden(f"This needs an access token with the scope {' '.join(sorted(missing))}.")
    return user


def RequireScope(scope: str) -> Any:  # noqa: N802 - reads as the marker it is: Annotated[User, RequireScope("money:read")]
    return Security(require_scopes, scopes=[scope])
