from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl

from common.schemas import Strict
from money.event_types import GROUPS, TYPES
from money.schemas.fields import Name

DeliveryStatus = Literal["pending", "delivered", "failed"]


def _known(given: list[str]) -> list[str]:
    unknown = [name for name in given if name not in TYPES and name not in GROUPS]
    if unknown:
        raise ValueError(f"there is no event type {unknown[0]!r}")
    return sorted(set(given))


EventTypes = Annotated[
    list[Annotated[str, Field(max_length=60)]],
    Field(
        max_length=50,
        description="Types like `transfer.received`, groups like `transfer.*`; none: all, later ones too.",
    ),
    AfterValidator(_known),
]
_Url = Annotated[HttpUrl, Field(max_length=2000, description="https, at a public address.")]


class WebhookEndpointCreate(Strict):
    url: _Url
    description: Name = ""
    event_types: EventTypes = Field(default_factory=list)


class WebhookEndpointUpdate(Strict):
    """What is absent stays as it is."""

    url: _Url | None = None
    description: Name | None = None
    event_types: EventTypes | None = None
    enabled: bool | None = Field(
        default=None, description="False: what waits for it is given up. What happens meanwhile is not kept for it."
    )


class WebhookEndpointRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    url: str
    description: str
    event_types: list[str]
    enabled: bool
    disabled_reason: Literal["owner", "gone", "failing"] | None = Field(
        description="`gone`: it answered 410. `failing`: nothing but failures for five days."
    )
    failing_since: datetime | None = Field(description="Nothing has arrived since then.")
    old_secret_until: datetime | None = Field(description="Until then the secret before the last rotation signs too.")
    created_at: datetime
    updated_at: datetime


class WebhookEndpointCreated(WebhookEndpointRead):
    secret: str = Field(description="`whsec_…`: keep it, it is not shown again.")


class WebhookEndpointList(BaseModel):
    items: list[WebhookEndpointRead]


class SecretRotated(BaseModel):
    endpoint_id: UUID
    secret: str = Field(description="`whsec_…`: keep it, it is not shown again.")
    old_secret_until: datetime = Field(description="Until then every delivery is signed with the old secret too.")


class DeliveryRead(BaseModel):
    """One event on its way to the endpoint."""

    id: UUID
    event_id: UUID
    event_type: str
    status: DeliveryStatus = Field(description="`failed`: given up. It can be sent again by a replay.")
    attempts: int
    next_attempt_at: datetime | None
    response_status: int | None = Field(description="HTTP status of the last answer; null: there was none.")
    response: str = Field(description="The beginning of the last answer, 1 KB at most.")
    error: str = Field(description="Why there was no answer, or empty.")
    created_at: datetime
    finished_at: datetime | None
