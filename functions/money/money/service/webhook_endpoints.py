"""Where a person's events go. Another person's endpoint is as if it were not there."""

from uuid import UUID

from pydantic import HttpUrl
from sqlalchemy import ARRAY, Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.idempotency import Key
from common.models.money_webhooks import WebhookEndpoint
from money import ledger
from money.errors import UnsafeUrl, WebhookEndpointNotFound
from money.ledger import Outcome
from money.schemas.webhook_endpoints import (
    SecretRotated,
    WebhookEndpointCreate,
    WebhookEndpointCreated,
    WebhookEndpointList,
    WebhookEndpointRead,
    WebhookEndpointUpdate,
)
from money.webhooks import addresses, secrets


def _safe(url: HttpUrl) -> str:
    """What can be seen without looking the name up: that is done for each delivery, because names change."""
    try:
        addresses.check_scheme(url.scheme)
    except addresses.NotPublic:
        raise UnsafeUrl from None
    literal = addresses.literal(url.host or "")
    if url.username or url.password or url.fragment or (literal is not None and not addresses.is_allowed(literal)):
        raise UnsafeUrl
    return str(url)


async def create(
    session: AsyncSession, owner: UUID, key: Key, order: WebhookEndpointCreate
) -> tuple[WebhookEndpointCreated, Outcome]:
    """A retry is told the same secret: it is derived, and the answer may have been lost."""
    outcome = await ledger.call(
        session,
        "create_webhook_endpoint",
        key.request(owner, "create_webhook_endpoint", order),
        _safe(order.url),
        order.description,
        list(order.event_types),
    )
    made = await read(session, owner, outcome.id("endpoint_id"))
    secret = secrets.shown(await secrets.derive(session, made.id, 1))
    return WebhookEndpointCreated(**made.model_dump(), secret=secret), outcome


async def rotate(session: AsyncSession, owner: UUID, key: Key, endpoint_id: UUID) -> tuple[SecretRotated, Outcome]:
    request = key.request(owner, "rotate_webhook_secret", endpoint_id)
    outcome = await ledger.call(session, "rotate_webhook_secret", request, endpoint_id)
    secret = await secrets.derive(session, endpoint_id, outcome.data["secret"])
    rotated = SecretRotated(
        endpoint_id=endpoint_id, secret=secrets.shown(secret), old_secret_until=outcome.data["old_until"]
    )
    return rotated, outcome


async def read(session: AsyncSession, owner: UUID, endpoint_id: UUID) -> WebhookEndpointRead:
    query = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, WebhookEndpoint.owner_id == owner)
    found = await session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise WebhookEndpointNotFound
    return WebhookEndpointRead.model_validate(found)


async def list_all(session: AsyncSession, owner: UUID) -> WebhookEndpointList:
    query = select(WebhookEndpoint).where(WebhookEndpoint.owner_id == owner).order_by(WebhookEndpoint.id)
    found = (await session.scalars(query)).all()
    return WebhookEndpointList(items=[WebhookEndpointRead.model_validate(each) for each in found])


async def update(
    session: AsyncSession, owner: UUID, endpoint_id: UUID, change: WebhookEndpointUpdate
) -> WebhookEndpointRead:
    changed = func.money.change_webhook_endpoint(
        owner,
        endpoint_id,
        _safe(change.url) if change.url else None,
        change.description,
        cast(change.event_types, ARRAY(Text)),
        change.enabled,
    )
    if not await session.scalar(select(changed)):
        raise WebhookEndpointNotFound
    return await read(session, owner, endpoint_id)


async def delete(session: AsyncSession, owner: UUID, endpoint_id: UUID) -> None:
    if not await session.scalar(select(func.money.delete_webhook_endpoint(owner, endpoint_id))):
        raise WebhookEndpointNotFound
