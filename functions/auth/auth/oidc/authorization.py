"""The two legs of the flow: where the person is sent (RFC 6749, RFC 7636), and what their code is worth."""

import base64
import hashlib
import logging
import secrets
from dataclasses import asdict, dataclass
from urllib.parse import quote, urlencode

from auth.errors import ExternalProviderUnavailable, ExternalSignInFailed
from auth.oidc.discovery import Metadata, http
from auth.oidc.providers import Provider

_REFUSED = (400, 401, 403)
_log = logging.getLogger("artel.auth")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What only this visit knows: `nonce` comes back in the ID token, `verifier` proves to the provider who asked."""

    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Secrets":
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(48))

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def authorization_url(provider: Provider, metadata: Metadata, state: str, visit: Secrets) -> str:
    order = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": provider.redirect_uri,
        "scope": provider.scopes,
        "state": state,
        "nonce": visit.nonce,
        "code_challenge": _challenge(visit.verifier),
        "code_challenge_method": "S256",
    }
    address = metadata.authorization_endpoint
    return f"{address}{'&' if '?' in address else '?'}{urlencode(order, quote_via=quote)}"


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def id_token(provider: Provider, metadata: Metadata, code: str, verifier: str) -> str:
    """The ID token that the code is exchanged for. Raises ExternalSignInFailed, ExternalProviderUnavailable."""
    import httpx

    order = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": provider.redirect_uri,
        "code_verifier": verifier,
    }
    secret = provider.client_secret.get_secret_value()
    headers = {"Accept": "application/json"}
    if "client_secret_post" in metadata.token_endpoint_auth_methods_supported:
        order |= {"client_id": provider.client_id, "client_secret": secret}
    else:
        pair = f"{quote(provider.client_id, safe='')}:{quote(secret, safe='')}"  # RFC 6749 section 2.3.1
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    try:
        async with http() as client:
            answer = await client.post(metadata.token_endpoint, data=order, headers=headers)
        if answer.status_code in _REFUSED:
            # Either somebody made the code up, or client_id and client_secret are wrong, which an operator must see.
            _log.warning("a provider refused", extra={"provider": provider.name, "answer": answer.text[:300]})
            raise ExternalSignInFailed
        found = answer.raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise ExternalProviderUnavailable from error
    token = found.get("id_token") if isinstance(found, dict) else None
    if not isinstance(token, str):
        raise ExternalSignInFailed
    return token
