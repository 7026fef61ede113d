"""Reading the audit log: one's own, and all of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.schemas.audit import AuditRead, OwnEntry
from common.models.auth_records import AuditEntry
from common.pagination import Page, decode_cursor, page


@dataclass(frozen=True, slots=True)
class Filter:
    user_id: UUID | None = None
    actor_id: UUID | None = None
    event: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        wanted: list[tuple[object, ColumnElement[bool]]] = [
            (self.user_id, AuditEntry.user_id == self.user_id),
            (self.actor_id, AuditEntry.actor_id == self.actor_id),
            (self.event, AuditEntry.event == self.event),
            (self.since, AuditEntry.at >= self.since),
            (self.until, AuditEntry.at < self.until),
        ]
        return [condition for value, condition in wanted if value is not None]


def _position(entry: AuditEntry) -> tuple[UUID]:
    return (entry.id,)


async def _newest(
    session: AsyncSession, conditions: list[ColumnElement[bool]], cursor: str | None, limit: int
) -> list[AuditEntry]:
    """One more than a page has. Ids are in the order of time."""
    if cursor is not None:
        (before,) = decode_cursor(cursor, tuple[UUID])
        conditions = [*conditions, AuditEntry.id < before]
    found = select(AuditEntry).where(*conditions).order_by(AuditEntry.id.desc()).limit(limit + 1)
    return list((await session.scalars(found)).all())


def _own(entry: AuditEntry) -> OwnEntry:
    """Nobody learns from their own log who an administrator is or where they sit."""
    by: Literal["you", "administrator", "system"] = "administrator"
    if entry.actor_id in (None, entry.user_id):
        by = "you" if entry.address else "system"
    mine = by == "you"
    return OwnEntry(
        id=entry.id,
        at=entry.at,
        event=entry.event,
        by=by,
        address=entry.address if mine else "",
        user_agent=entry.user_agent if mine else "",
    )


async def of_person(session: AsyncSession, user_id: UUID, cursor: str | None, limit: int) -> Page[OwnEntry]:
    rows = await _newest(session, [AuditEntry.user_id == user_id], cursor, limit)
    return page(rows, limit, _own, _position)


async def of_all(session: AsyncSession, wanted: Filter, cursor: str | None, limit: int) -> Page[AuditRead]:
    rows = await _newest(session, wanted.conditions(), cursor, limit)
    return page(rows, limit, AuditRead.model_validate, _position)
