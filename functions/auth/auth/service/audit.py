"""Reading the audit log: one's own, and all of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.audit import Event
from auth.schemas.audit import AuditRead, OwnEntry
from common.models.auth_records import AuditEntry
from common.pagination import Page, decode_cursor, page

type By = Literal["you", "somebody", "administrator", "system"]

# Anybody may cause these without being signed in: that the log names the account is no proof that its owner did it.
_BY_ANYBODY = frozenset({"registered_again", "sign_in_failed", "refresh_token_replayed", "password_reset_asked"})


@dataclass(frozen=True, slots=True)
class Filter:
    """`since` is in it, `until` is not."""

    user_id: UUID | None = None
    actor_id: UUID | None = None
    event: Event | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        equal = {"user_id": self.user_id, "actor_id": self.actor_id, "event": self.event}
        found = [getattr(AuditEntry, name) == value for name, value in equal.items() if value is not None]
        if self.since is not None:
            found.append(AuditEntry.at >= self.since)
        if self.until is not None:
            found.append(AuditEntry.at < self.until)
        return found


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


def _by(entry: AuditEntry) -> By:
    """What the background does for somebody comes from no address."""
    if entry.actor_id not in (None, entry.user_id):
        return "administrator"
    if entry.actor_id is None or not entry.address:
        return "system"
    return "somebody" if entry.event in _BY_ANYBODY else "you"


def _own(entry: AuditEntry) -> OwnEntry:
    """Nobody learns from their own log who an administrator is or where they sit."""
    by = _by(entry)
    told = by != "administrator"
    return OwnEntry(
        id=entry.id,
        at=entry.at,
        event=entry.event,
        by=by,
        address=entry.address if told else "",
        user_agent=entry.user_agent if told else "",
    )


async def of_person(session: AsyncSession, user_id: UUID, cursor: str | None, limit: int) -> Page[OwnEntry]:
    rows = await _newest(session, [AuditEntry.user_id == user_id], cursor, limit)
    return page(rows, limit, _own, _position)


async def of_all(session: AsyncSession, wanted: Filter, cursor: str | None, limit: int) -> Page[AuditRead]:
    rows = await _newest(session, wanted.conditions(), cursor, limit)
    return page(rows, limit, AuditRead.model_validate, _position)
