"""What became of the events that an endpoint was to get."""

from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.idempotency import Key
from common.models.money_rules import Event
from common.models.money_webhooks import Delivery
from common.pagination import Page, decode_cursor, page
from money import ledger
from money.errors import DeliveryNotFound
from money.ledger import Outcome
from money.schemas.webhook_endpoints import DeliveryRead, DeliveryStatus
from money.service import webhook_endpoints


def _with_type() -> Select[Delivery, str]:
    return select(Delivery, Event.type.label("event_type")).join(Event, Event.id == Delivery.event_id)


def _read(row: Row[Delivery, str]) -> DeliveryRead:
    delivery = row.Delivery
    return DeliveryRead(
        id=delivery.id,
        event_id=delivery.event_id,
        event_type=row.event_type,
        status=delivery.status,
        attempts=delivery.attempts,
        next_attempt_at=delivery.due_at if delivery.status == "pending" else None,
        response_status=delivery.response_status,
        response=delivery.response,
        error=delivery.error,
        created_at=delivery.created_at,
        finished_at=delivery.finished_at,
    )


async def list_all(
    session: AsyncSession, owner: UUID, endpoint_id: UUID, status: DeliveryStatus | None, cursor: str | None, limit: int
) -> Page[DeliveryRead]:
    """Newest first."""
    await webhook_endpoints.read(session, owner, endpoint_id)
    query = _with_type().where(Delivery.endpoint_id == endpoint_id).order_by(Delivery.id.desc()).limit(limit + 1)
    if status:
        query = query.where(Delivery.status == status)
    if cursor:
        (before,) = decode_cursor(cursor, tuple[UUID])
        query = query.where(Delivery.id < before)
    rows = (await session.execute(query)).all()
    return page(rows, limit, _read, lambda row: [row.Delivery.id])


async def replay(
    session: AsyncSession, owner: UUID, key: Key, endpoint_id: UUID, delivery_id: UUID
) -> tuple[DeliveryRead, Outcome]:
    request = key.request(owner, "replay_delivery", endpoint_id, delivery_id)
    outcome = await ledger.call(session, "replay_delivery", request, endpoint_id, delivery_id)
    return await _made(session, outcome), outcome


async def test(session: AsyncSession, owner: UUID, key: Key, endpoint_id: UUID) -> tuple[DeliveryRead, Outcome]:
    request = key.request(owner, "test_webhook_endpoint", endpoint_id)
    outcome = await ledger.call(session, "test_webhook_endpoint", request, endpoint_id)
    return await _made(session, outcome), outcome


async def _made(session: AsyncSession, outcome: Outcome) -> DeliveryRead:
    row = (await session.execute(_with_type().where(Delivery.id == outcome.id("delivery_id")))).one_or_none()
    if row is None:
        raise DeliveryNotFound
    return _read(row)
