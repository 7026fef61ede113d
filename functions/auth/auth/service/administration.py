"""What administrators do with other people's accounts. They never see a secret, and every step is in the audit log."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, letters, outbox, roles, sessions
from auth.accounts import email_key, may_sign_in
from auth.client import Client
from auth.errors import AccountClosed, NotYourself, UserNotFound
from auth.schemas.administration import UserRead, UserRow, UserUpdate
from auth.service import mfa, password
from common.models.auth import Session, User
from common.pagination import Page, decode_cursor, page

type Status = Literal["active", "disabled", "deleted", "unverified"]

_STATUSES: dict[Status, ColumnElement[bool]] = {
    "active": User.disabled_at.is_(None) & User.deleted_at.is_(None),
    "disabled": User.disabled_at.is_not(None),
    "deleted": User.deleted_at.is_not(None),
    "unverified": User.email_verified_at.is_(None) & User.deleted_at.is_(None),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """`q`: a part of the address or the name."""

    q: str | None = None
    status: Status | None = None
    role: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.q:
            part = email_key(self.q)
            in_name = func.lower(User.display_name).contains(part, autoescape=True)
            found.append(or_(User.email_key.contains(part, autoescape=True), in_name))
        if self.status:
            found.append(_STATUSES[self.status])
        if self.role:
            found.append(User.roles.contains([self.role]))
        return found


async def people(session: AsyncSession, wanted: Filter, cursor: str | None, limit: int) -> Page[UserRow]:
    """Newest first: ids are in the order of time."""
    conditions = wanted.conditions()
    if cursor is not None:
        (before,) = decode_cursor(cursor, tuple[UUID])
        conditions.append(User.id < before)
    rows = (await session.scalars(select(User).where(*conditions).order_by(User.id.desc()).limit(limit + 1))).all()
    return page(rows, limit, UserRow.model_validate, lambda user: (user.id,))


async def _found(session: AsyncSession, user_id: UUID) -> User:
    """Locked until the request's end. Raises UserNotFound."""
    user = await session.get(User, user_id, with_for_update=True)
    if user is None:
        raise UserNotFound
    return user


async def _not_deleted(session: AsyncSession, user_id: UUID) -> User:
    """What an erased account still has says nothing about anybody, and stays so. Raises UserNotFound, AccountClosed."""
    user = await _found(session, user_id)
    if user.deleted_at is not None:
        raise AccountClosed
    return user


async def person(session: AsyncSession, user_id: UUID) -> UserRead:
    user = await session.get(User, user_id, populate_existing=True)
    if user is None:
        raise UserNotFound
    living = select(func.count()).where(
        Session.user_id == user_id, Session.revoked_at.is_(None), Session.expires_at > func.now()
    )
    return UserRead(
        **UserRow.model_validate(user).model_dump(),
        locale="ru" if user.locale == "ru" else "en",
        has_password=user.password_hash is not None,
        factors=await mfa.factors(session, user_id),
        sessions=await session.scalar(living) or 0,
    )


async def update(session: AsyncSession, actor_id: UUID, user_id: UUID, change: UserUpdate, client: Client) -> UserRead:
    """Raises AccountClosed, UserNotFound."""
    user = await _not_deleted(session, user_id)
    values = change.model_dump(exclude_unset=True)
    if values:
        for name, value in values.items():
            setattr(user, name, value)
        await session.flush()
        await audit.note(session, "profile_changed", user_id, client, actor_id=actor_id, fields=sorted(values))
    return await person(session, user_id)


async def disable(session: AsyncSession, actor_id: UUID, user_id: UUID, reason: str, client: Client) -> UserRead:
    """Signed out everywhere at once. Raises NotYourself, LastAdministrator, UserNotFound."""
    if actor_id == user_id:
        raise NotYourself
    await roles.keep_an_administrator(session, user_id)
    user = await _found(session, user_id)
    if user.disabled_at is None:
        user.disabled_at = func.now()
        await sessions.revoke_all(session, user_id)
        if user.deleted_at is None:
            await outbox.put(session, letters.account_disabled(user.email, user.display_name, user.locale))
        await audit.note(session, "disabled", user_id, client, actor_id=actor_id, reason=reason)
    return await person(session, user_id)


async def enable(session: AsyncSession, actor_id: UUID, user_id: UUID, client: Client) -> UserRead:
    user = await _found(session, user_id)
    if user.disabled_at is not None:
        user.disabled_at = None
        await session.flush()
        await audit.note(session, "enabled", user_id, client, actor_id=actor_id)
    return await person(session, user_id)


async def end_sessions(session: AsyncSession, actor_id: UUID, user_id: UUID, client: Client) -> int:
    await _found(session, user_id)
    ended = await sessions.revoke_all(session, user_id)
    await audit.note(session, "sessions_revoked", user_id, client, actor_id=actor_id, count=len(ended))
    return len(ended)


async def reset_password(session: AsyncSession, actor_id: UUID, user_id: UUID, client: Client) -> None:
    """The link goes to the person and to nobody else. Raises AccountClosed, UserNotFound."""
    user = await _found(session, user_id)
    if not may_sign_in(user):
        raise AccountClosed
    await password.send_reset(session, user)
    await audit.note(session, "password_reset_asked", user_id, client, actor_id=actor_id)


async def set_roles(
    session: AsyncSession, actor_id: UUID, user_id: UUID, wanted: list[str], client: Client
) -> UserRead:
    """Raises UnknownRole, LastAdministrator, AccountClosed, UserNotFound."""
    chosen = roles.known(wanted)
    if roles.ADMIN not in chosen:
        await roles.keep_an_administrator(session, user_id)
    user = await _not_deleted(session, user_id)
    before, user.roles = user.roles, chosen
    await session.flush()
    await audit.note(session, "roles_changed", user_id, client, actor_id=actor_id, before=before, roles=chosen)
    return await person(session, user_id)
