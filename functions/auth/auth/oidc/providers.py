"""The outside providers of this installation, from OIDC_PROVIDERS or the secret of OIDC_PROVIDERS_ARN:

[{"name": "example", "title": "Example", "issuer": "https://id.example", "client_id": "…", "client_secret": "…"}]

At the provider, register the address {PUBLIC_URL}/sign-in/external/{name} as where people are sent back to.
"""

from functools import cache
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints, TypeAdapter, ValidationError

from auth.errors import ProviderNotFound
from common.schemas import Strict
from common.secrets import read_secret
from common.settings import ConfigurationError, settings

_LOCAL = r"http://(localhost|127\.0\.0\.1)(:\d+)?(/.*)?"
Issuer = Annotated[str, StringConstraints(pattern=rf"^(https://[^\s?#]+|{_LOCAL})$", max_length=500)]
"""Plain http only on this machine, for trying things out."""


class Provider(Strict):
    """`scopes` are asked for; `openid` and `email` are needed."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
    title: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    issuer: Issuer
    client_id: Annotated[str, StringConstraints(min_length=1)]
    client_secret: SecretStr
    scopes: Annotated[str, Field(pattern=r"\bopenid\b")] = "openid email profile"

    @property
    def redirect_uri(self) -> str:
        """Of the configured site, never of the Host that a caller names."""
        return f"{settings().public_url.rstrip('/')}/sign-in/external/{self.name}"


_LIST = TypeAdapter(list[Provider])


@cache
def _parsed(given: str) -> dict[str, Provider]:
    """The message must not repeat the values: there are secrets among them."""
    try:
        found = _LIST.validate_json(given)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigurationError(f"OIDC_PROVIDERS: {wrong}") from None
    named = {provider.name: provider for provider in found}
    if len(named) < len(found):
        raise ConfigurationError("OIDC_PROVIDERS: two providers have the same name")
    return named


def providers() -> dict[str, Provider]:
    options = settings()
    if options.oidc_providers is not None:
        return _parsed(options.oidc_providers.get_secret_value())
    if options.oidc_providers_arn is not None:
        secret = read_secret(options.oidc_providers_arn)
        if "providers" not in secret:
            raise ConfigurationError('OIDC_PROVIDERS_ARN: the secret is not {"providers": "[…]"}')
        return _parsed(secret["providers"])
    return {}


def provider_of(name: str) -> Provider:
    """Raises ProviderNotFound."""
    found = providers().get(name)
    if found is None:
        raise ProviderNotFound
    return found
