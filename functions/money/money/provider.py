"""What a payment provider is: one file in money/providers with these functions, switched on by its name.

`docs/payments.md` says how to add one.
"""

import os
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Literal, Protocol, cast
from uuid import UUID, uuid5

from common.secrets import read_secret
from common.settings import ConfigurationError, settings
from money.errors import UnknownProvider

type Direction = Literal["deposit", "withdrawal"]
type Outcome = Literal["pending", "succeeded", "failed", "canceled"]


class Unreachable(Exception):
    """No answer, or none that says whether the provider did it. It is asked again later."""


class Declined(Exception):
    """The provider will not do it, and has not. The words are shown to the person whose payment it is."""


@dataclass(frozen=True, slots=True)
class Order:
    """A payment as a provider is told of it. `reference` is the provider's own name for it, once we know that.

    `attempts`: how often it was looked after since it was begun. From the second time on the provider may have it already.
    """

    id: UUID
    direction: Direction
    amount: int
    currency: str
    instrument: str | None
    reference: str | None
    attempts: int
    created_at: datetime

    @property
    def idempotency_key(self) -> str:
        """Derived, so that whoever takes the payment up again sends the same: a random one would pay twice."""
        return str(uuid5(self.id, self.direction))


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook as it comes over the wire. `secret`: what it is signed with, when it comes from inside of this process."""

    headers: Mapping[str, str]
    body: bytes
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A payment as the provider has it. `deliveries`: webhooks it sends meanwhile; only the sandbox's come this way."""

    reference: str
    status: Outcome
    amount: int
    currency: str
    failure: str | None = None
    client_secret: str | None = None
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """What a webhook says. Without a `found` it is about something that is none of ours."""

    id: str
    type: str
    direction: Direction | None = None
    payment_id: UUID | None = None
    found: Found | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of the provider's balance list. A positive amount is what it owes us more, before its fee."""

    id: str
    type: str
    amount: int
    fee: int
    currency: str
    reference: str | None
    at: datetime


class Provider(Protocol):
    """Each may raise Unreachable. Whatever is called twice with the same order does its work once."""

    async def create(self, order: Order) -> Found:
        """Ask for a deposit, or pay a withdrawal out. Raises Declined."""

    async def find(self, order: Order) -> Found | None:
        """What became of it: by the provider's reference, or without one by our payment's id."""

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
        """Raises SignatureRefused. Header names are in lower case."""

    def parse(self, body: bytes) -> Event:
        """Raises UnreadableEvent."""

    def movements(self, since: datetime, until: datetime) -> AsyncIterator[Movement]:
        """The balance list from one moment up to another one."""


_NAME = re.compile(r"[a-z][a-z0-9_]*")


def enabled() -> tuple[str, ...]:
    return settings().providers


def provider(name: str) -> Provider:
    """Raises UnknownProvider for one that is not switched on."""
    if name not in enabled():
        raise UnknownProvider
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"PAYMENT_PROVIDERS: {name!r} is not a file of money/providers")
    return cast(Provider, import_module(f"money.providers.{name}"))


def configured(variable: str) -> str:
    """A provider's own setting: from the secret PAYMENT_SECRETS_ARN, else from the environment. Empty when there is none."""
    arn = settings().payment_secrets_arn
    given = read_secret(arn).get(variable) if arn else None
    return (given or os.environ.get(variable, "")).strip()


def webhook_secrets(name: str) -> tuple[str, ...]:
    """<NAME>_WEBHOOK_SECRETS, comma-separated: while one is changed for another, both are good."""
    given = configured(f"{name.upper()}_WEBHOOK_SECRETS").split(",")
    return tuple(secret.strip() for secret in given if secret.strip())
