"""What a provider vouches for, once its signature and every claim are checked (OpenID Connect Core 1.0, 3.1.3.7)."""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from auth.errors import ExternalSignInFailed
from auth.oidc.discovery import Metadata, keys_of
from auth.oidc.providers import Provider
from auth.schemas.fields import Email

ALGORITHMS = ("RS256", "ES256")
"""Never HS256: its key would be the client secret, which is not only ours."""
_LEEWAY_S = 60
_LONGEST_SUBJECT = 255
_LONGEST_TOKEN = 32_768
_ADDRESS: TypeAdapter[str] = TypeAdapter(Email)


@dataclass(frozen=True, slots=True)
class Outsider:
    """`email` is None unless the provider says that it is verified."""

    issuer: str
    subject: str
    email: str | None
    name: str
    locale: str


async def verify(provider: Provider, metadata: Metadata, token: str, nonce: str) -> Outsider:
    """Raises ExternalSignInFailed for whatever is not as it should be, without saying what."""
    if len(token) > _LONGEST_TOKEN:
        raise ExternalSignInFailed
    claims = await _signed(metadata, token)
    _check(claims, provider, nonce)
    return _outsider(claims)


async def _signed(metadata: Metadata, token: str) -> dict[str, Any]:
    from joserfc.errors import InvalidKeyIdError

    try:
        return _decode(token, await keys_of(metadata))
    except InvalidKeyIdError:
        pass  # of a key that the provider has published since
    try:
        return _decode(token, await keys_of(metadata, again=True))
    except InvalidKeyIdError as error:
        raise ExternalSignInFailed from error


def _decode(token: str, keys: list[Any]) -> dict[str, Any]:
    """Raises InvalidKeyIdError besides."""
    from joserfc import jwt
    from joserfc.errors import InvalidKeyIdError, JoseError
    from joserfc.jwk import JWKRegistry, KeySet

    # A set may hold keys of kinds and for uses that are none of our business.
    ours = [k for k in keys if isinstance(k, dict) and k.get("kty") in ("RSA", "EC") and k.get("use") != "enc"]
    try:
        known = KeySet([JWKRegistry.import_key(key) for key in ours])
        return jwt.decode(token, known, algorithms=ALGORITHMS).claims
    except InvalidKeyIdError:
        raise
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise ExternalSignInFailed from error


def _check(claims: dict[str, Any], provider: Provider, nonce: str) -> None:
    from joserfc.errors import JoseError
    from joserfc.jwt import JWTClaimsRegistry

    registry = JWTClaimsRegistry(
        leeway=_LEEWAY_S,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry.validate(claims)
    except JoseError as error:
        raise ExternalSignInFailed from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != provider.client_id:
        raise ExternalSignInFailed
    if not isinstance(claims["nonce"], str):
        raise ExternalSignInFailed


def _outsider(claims: dict[str, Any]) -> Outsider:
    subject = claims["sub"]
    if len(subject) > _LONGEST_SUBJECT or not subject.isprintable():
        raise ExternalSignInFailed
    email = _address(claims.get("email"))
    verified = claims.get("email_verified") in (True, "true")  # Apple writes text
    name = claims.get("name")
    locale = claims.get("locale")
    return Outsider(
        issuer=claims["iss"],
        subject=subject,
        email=email if verified else None,
        name=_name(name if isinstance(name, str) else "", email or ""),
        locale="ru" if isinstance(locale, str) and locale.lower().startswith("ru") else "en",
    )


def _address(given: Any) -> str | None:
    try:
        return _ADDRESS.validate_python(given)
    except ValidationError:
        return None


def _name(given: str, email: str) -> str:
    """What others see: never the address, but what stands before its @ is better than nothing."""
    shown = "".join(c for c in given if c.isprintable()).strip()
    return (shown or email.partition("@")[0] or "?")[:80].strip()
