"""What a provider says of itself: its endpoints and its keys, asked for when needed and remembered for ten minutes."""

import time
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from auth.errors import ExternalProviderUnavailable, ExternalSignInFailed
from auth.oidc.providers import Provider

if TYPE_CHECKING:
    import ssl

    import httpx

_LIFE_S = 600.0
_ASKED_AGAIN_AFTER_S = 10.0
"""A token of a key we do not know makes us look again, but strangers' tokens must not make us a hammer."""
_TIMEOUT_S = 5.0
_documents: dict[str, tuple[float, dict[str, Any]]] = {}


class Metadata(BaseModel):
    """OpenID Connect Discovery 1.0, as far as this flow needs it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]
    authorization_response_iss_parameter_supported: bool = False


@cache
def _tls() -> "ssl.SSLContext":
    import httpx

    return httpx.create_ssl_context()  # reading the certificates takes longer than the request


def http() -> "httpx.AsyncClient":
    """No redirects: who answers for a provider is what was configured."""
    import httpx

    return httpx.AsyncClient(timeout=_TIMEOUT_S, verify=_tls(), follow_redirects=False)


async def _fetch(url: str) -> dict[str, Any]:
    import httpx

    try:
        async with http() as client:
            answer = await client.get(url, headers={"Accept": "application/json"})
        found = answer.raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise ExternalProviderUnavailable from error
    if not isinstance(found, dict):
        raise ExternalProviderUnavailable
    return found


async def _document(url: str, life_s: float = _LIFE_S) -> dict[str, Any]:
    known = _documents.get(url)
    if known is None or time.monotonic() - known[0] > life_s:
        known = _documents[url] = (time.monotonic(), await _fetch(url))
    return known[1]


async def metadata_of(provider: Provider) -> Metadata:
    """Raises ExternalProviderUnavailable, and ExternalSignInFailed when the document is somebody else's."""
    document = await _document(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    try:
        found = Metadata.model_validate(document)
    except ValidationError as error:
        raise ExternalProviderUnavailable from error
    if found.issuer != provider.issuer:
        raise ExternalSignInFailed
    endpoints = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
    if provider.issuer.startswith("https://") and not all(url.startswith("https://") for url in endpoints):
        raise ExternalSignInFailed
    return found


async def keys_of(metadata: Metadata, *, again: bool = False) -> list[Any]:
    """The provider's public keys as JWKs. `again`: they may have changed since."""
    document = await _document(metadata.jwks_uri, _ASKED_AGAIN_AFTER_S if again else _LIFE_S)
    keys = document.get("keys")
    if not isinstance(keys, list):
        raise ExternalProviderUnavailable
    return keys
