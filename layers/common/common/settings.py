"""Everything the environment may say, read once, on first use and never at import."""

import os
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

Group = Literal["auth", "money", "posts", "analytics"]
GROUPS: tuple[Group, ...] = ("auth", "money", "posts", "analytics")


class ConfigurationError(RuntimeError):
    """The environment lacks a value or holds an unusable one; the message names the variable and what to set."""


class Settings(BaseModel):
    """Field names are the environment variables in lower case.

    `pydantic-settings` would do the same and cost 60 ms of every cold start.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    environment: Literal["local", "dev", "prod"] = "prod"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    database_url: SecretStr | None = None
    database_secret_arn: str | None = None
    auth_database_url: SecretStr | None = None
    money_database_url: SecretStr | None = None
    posts_database_url: SecretStr | None = None
    analytics_database_url: SecretStr | None = None
    database_pool_size: int = 5
    database_replica_url: SecretStr | None = None
    """A streaming replica of the same database, that public reads go to while it keeps up."""

    cache_url: SecretStr | None = None
    """Redis, which processes share what they cache in. None: each has its own cache only."""
    posts_cache_s: float = 1.0
    """How long a public read of posts may be repeated without asking the database; 0: never."""

    public_url: str = "http://localhost:8000"
    allowed_origins: str = ""
    jwt_issuer: str = ""
    jwt_audience: str = "artel"
    signing_kms_key_id: str | None = None
    signing_key: SecretStr | None = None
    signing_key_file: str | None = None

    secret_key: SecretStr | None = None
    secret_key_arn: str | None = None
    issuer_bucket: str | None = None
    """Where the discovery documents stand for the gateway. None: only this service shows them."""
    key_rotation_days: int = 90
    """How long a key signs before the next is made; 0: keys are rotated by hand only."""
    stack_name: str | None = None
    """What KMS keys that rotation makes are tagged with, so that policies can name them."""

    trusted_proxies: str = ""
    """Addresses and networks, comma-separated, whose X-Forwarded-For and -Proto are believed."""
    rate_limits: str = ""
    password_breach_check: bool = False
    """Ask haveibeenpwned.com whether a new password is known from a breach; five digits of its hash are told."""
    breach_check_url: str = "https://api.pwnedpasswords.com"
    oidc_providers: SecretStr | None = None
    """A JSON array of outside OpenID Connect providers people may sign in with; see auth/oidc."""
    oidc_providers_arn: str | None = None
    """A secret {"providers": "…"} with that array in it."""
    background_function: str | None = None
    """The Lambda function that does what requests queue. None: this process does it after the reply."""

    payment_providers: str = ""
    """Files of money/providers, comma-separated; the first is the usual one. Empty: `sandbox`, and none in production."""
    payment_secrets_arn: str | None = None
    """A secret with the providers' own settings in it, such as STRIPE_SECRET_KEY. None: they are in the environment."""

    aws_endpoint_url: str | None = None
    s3_public_endpoint_url: str | None = None
    """Where browsers reach the object store, when that differs from where the services reach it."""
    uploads_bucket: str | None = None
    uploads_queue_url: str | None = None
    accounts_bucket: str | None = None
    """Avatars and data exports."""

    mail_transport: Literal["ses", "smtp", "log"] = "log"
    mail_from: str = "artel@localhost"
    smtp_url: SecretStr | None = None

    @property
    def issuer(self) -> str:
        return self.jwt_issuer or f"{self.public_url}/v1/auth"

    @property
    def origins(self) -> frozenset[str]:
        """Origins whose pages may send the refresh cookie."""
        given = {origin.strip().rstrip("/") for origin in self.allowed_origins.split(",")} - {""}
        return frozenset(given or {self.public_url.rstrip("/")})

    @property
    def providers(self) -> tuple[str, ...]:
        """The sandbox gives money away: in production somebody has to want it."""
        given = tuple(name.strip() for name in self.payment_providers.split(",") if name.strip())
        return given or (() if self.environment == "prod" else ("sandbox",))

    def group_database_url(self, group: Group) -> SecretStr | None:
        given: SecretStr | None = getattr(self, f"{group}_database_url")
        return given


@cache
def settings() -> Settings:
    """An empty variable counts as absent: compose files and templates pass empty ones on."""
    given = {name: os.environ[name.upper()] for name in Settings.model_fields if os.environ.get(name.upper())}
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        wrong = "; ".join(f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise ConfigurationError(wrong) from None
