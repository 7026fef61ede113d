"""A visit to an outside provider: begun by one browser, and ended by the same one, once."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth import challenges
from auth.errors import ExternalSignInFailed, InvalidChallenge
from auth.oidc import authorization, id_token
from auth.oidc.authorization import Secrets
from auth.oidc.discovery import Metadata, metadata_of
from auth.oidc.id_token import Outsider
from auth.oidc.providers import Provider
from auth.schemas.external import Return
from common.db import transaction

type Purpose = Literal["oidc-login", "oidc-link"]

LIFE = timedelta(minutes=10)
_OURS = re.compile(r"[\w-]{43}")


@dataclass(frozen=True, slots=True)
class Visit:
    """`browser` goes into a cookie: whoever lures somebody to an address with another state has no such cookie there."""

    url: str
    state: str
    browser: str


def _hash(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()


async def begin(
    session: AsyncSession, purpose: Purpose, provider: Provider, browser: str | None, user_id: UUID | None = None
) -> Visit:
    """A browser keeps the secret it has, so that two tabs can be under way at once."""
    metadata = await metadata_of(provider)
    kept = browser if browser and _OURS.fullmatch(browser) else secrets.token_urlsafe(32)
    visit = Secrets.new()
    data = {"provider": provider.name, "browser": _hash(kept), **visit.as_json()}
    state = await challenges.start(session, purpose, LIFE, user_id, **data)
    return Visit(authorization.authorization_url(provider, metadata, state, visit), state, kept)


async def end(
    purpose: Purpose, provider: Provider, back: Return, browser: str | None, user_id: UUID | None = None
) -> Outsider:
    """Who came back. No connection to the database is held while the provider is asked.

    Raises InvalidChallenge, TooManyRequests, ExternalSignInFailed, ExternalProviderUnavailable.
    """
    known = await _redeem(purpose, provider, back.state, browser, user_id)
    metadata = await metadata_of(provider)
    _check_sender(metadata, provider, back.iss)
    token = await authorization.id_token(provider, metadata, back.code, known.verifier)
    return await id_token.verify(provider, metadata, token, known.nonce)


async def _redeem(
    purpose: Purpose, provider: Provider, state: str, browser: str | None, user_id: UUID | None
) -> Secrets:
    challenge = await challenges.attempt(state, purpose)
    data = challenge.data
    same_browser = hmac.compare_digest(_hash(browser or ""), data["browser"])
    if not same_browser or data["provider"] != provider.name or challenge.user_id != user_id:
        raise InvalidChallenge
    async with transaction("auth", beside=True) as session:
        await challenges.finish(session, challenge)
    return Secrets(data["nonce"], data["verifier"])


def _check_sender(metadata: Metadata, provider: Provider, told: str | None) -> None:
    """RFC 9207: a code that another provider has sent must not be shown to this one."""
    expected = metadata.authorization_response_iss_parameter_supported or told is not None
    if expected and told != provider.issuer:
        raise ExternalSignInFailed
