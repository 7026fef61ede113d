from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.idempotency import IdempotencyKey
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from money.errors import (
    DeliveryNotFound,
    DeliveryPending,
    TooManyWebhookEndpoints,
    UnsafeUrl,
    WebhookEndpointDisabled,
    WebhookEndpointNotFound,
)
from money.routes.access import KEYED, Reader, Writer, mark
from money.schemas.webhook_endpoints import (
    DeliveryRead,
    DeliveryStatus,
    SecretRotated,
    WebhookEndpointCreate,
    WebhookEndpointCreated,
    WebhookEndpointList,
    WebhookEndpointRead,
    WebhookEndpointUpdate,
)
from money.service import deliveries, webhook_endpoints

router = APIRouter(prefix="/webhook-endpoints", responses=problems(Unauthorized, Forbidden))


@router.post("", status_code=201, responses=problems(*KEYED, UnsafeUrl, TooManyWebhookEndpoints))
async def create_webhook_endpoint(
    order: WebhookEndpointCreate, user: Writer, key: IdempotencyKey, session: DbSession, response: Response
) -> WebhookEndpointCreated:
    """Have your events sent to an address of yours, signed with a secret that is shown here and nowhere else."""
    made, outcome = await webhook_endpoints.create(session, user.id, key, order)
    mark(response, replayed=outcome.replayed)
    return made


@router.get("")
async def list_webhook_endpoints(user: Reader, session: DbSession) -> WebhookEndpointList:
    """Where your events go, oldest first. There can be ten."""
    return await webhook_endpoints.list_all(session, user.id)


@router.get("/{endpoint_id}", responses=problems(WebhookEndpointNotFound))
async def read_webhook_endpoint(endpoint_id: UUID, user: Reader, session: DbSession) -> WebhookEndpointRead:
    """One of your webhook endpoints."""
    return await webhook_endpoints.read(session, user.id, endpoint_id)


@router.patch("/{endpoint_id}", responses=problems(WebhookEndpointNotFound, UnsafeUrl))
async def update_webhook_endpoint(
    endpoint_id: UUID, change: WebhookEndpointUpdate, user: Writer, session: DbSession
) -> WebhookEndpointRead:
    """Change the address, what it gets, or whether it gets anything."""
    return await webhook_endpoints.update(session, user.id, endpoint_id, change)


@router.delete("/{endpoint_id}", status_code=204, responses=problems(WebhookEndpointNotFound))
async def delete_webhook_endpoint(endpoint_id: UUID, user: Writer, session: DbSession) -> None:
    """Send nothing there any more, and forget what was sent."""
    await webhook_endpoints.delete(session, user.id, endpoint_id)


@router.post("/{endpoint_id}/rotate-secret", responses=problems(*KEYED, WebhookEndpointNotFound))
async def rotate_webhook_secret(
    endpoint_id: UUID, user: Writer, key: IdempotencyKey, session: DbSession, response: Response
) -> SecretRotated:
    """A new secret. For 24 hours deliveries are signed with the old one too, so that receivers can change over."""
    rotated, outcome = await webhook_endpoints.rotate(session, user.id, key, endpoint_id)
    mark(response, replayed=outcome.replayed)
    return rotated


@router.post(
    "/{endpoint_id}/test", status_code=202, responses=problems(*KEYED, WebhookEndpointNotFound, WebhookEndpointDisabled)
)
async def test_webhook_endpoint(
    endpoint_id: UUID, user: Writer, key: IdempotencyKey, session: DbSession, response: Response
) -> DeliveryRead:
    """Send a `ping` there. What became of it stands in the deliveries."""
    made, outcome = await deliveries.test(session, user.id, key, endpoint_id)
    mark(response, replayed=outcome.replayed)
    return made


@router.get("/{endpoint_id}/deliveries", responses=problems(InvalidCursor, WebhookEndpointNotFound))
async def list_webhook_deliveries(
    endpoint_id: UUID,
    user: Reader,
    session: DbSession,
    status: Annotated[DeliveryStatus | None, Query()] = None,
    cursor: CursorQuery = None,
    limit: Limit = 20,
) -> Page[DeliveryRead]:
    """What was sent there in the last 90 days, and what came of it, newest first."""
    return await deliveries.list_all(session, user.id, endpoint_id, status, cursor, limit)


@router.post(
    "/{endpoint_id}/deliveries/{delivery_id}/replay",
    status_code=202,
    responses=problems(*KEYED, WebhookEndpointNotFound, DeliveryNotFound, DeliveryPending, WebhookEndpointDisabled),
)
async def replay_webhook_delivery(
    endpoint_id: UUID, delivery_id: UUID, user: Writer, key: IdempotencyKey, session: DbSession, response: Response
) -> DeliveryRead:
    """Send the same event once more, under the same id, as a delivery of its own."""
    made, outcome = await deliveries.replay(session, user.id, key, endpoint_id, delivery_id)
    mark(response, replayed=outcome.replayed)
    return made
