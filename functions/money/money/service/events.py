"""A person's events, in the order in which they became known: nothing ever appears before one that was seen."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.money_rules import Event
from common.pagination import Page, Position, decode_cursor, page
from money.errors import EventNotFound
from money.schemas.events import EventRead

BEGINNING = UUID(int=0)


async def list_all(
    session: AsyncSession, owner: UUID, prefix: str, after: UUID | None, cursor: str | None, limit: int
) -> Page[EventRead]:
    """Newest first; with `after`, what came after that event, oldest first."""
    query = select(Event).where(Event.owner_id == owner, Event.position.is_not(None)).limit(limit + 1)
    if prefix:
        query = query.where(Event.type.startswith(prefix, autoescape=True))
    if after is None:
        query = query.order_by(Event.position.desc())
        if cursor:
            (seen,) = decode_cursor(cursor, tuple[Position])
            query = query.where(Event.position < seen)
    else:
        (seen,) = decode_cursor(cursor, tuple[Position]) if cursor else (await _position(session, owner, after),)
        query = query.where(Event.position > seen).order_by(Event.position)
    rows = (await session.scalars(query)).all()
    return page(rows, limit, read, lambda event: [event.position])


async def _position(session: AsyncSession, owner: UUID, event_id: UUID) -> int:
    if event_id == BEGINNING:
        return 0
    query = select(Event.position).where(Event.id == event_id, Event.owner_id == owner, Event.position.is_not(None))
    found = await session.scalar(query)
    if found is None:
        raise EventNotFound
    return found


def read(event: Event) -> EventRead:
    return EventRead(id=event.id, type=event.type, timestamp=event.created_at, data=event.data)
