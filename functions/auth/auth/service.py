"""Accounts: registration, sign-in, profile."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth import access_tokens, letters, sessions
from auth.errors import InvalidCredentials, UnknownScope, WeakPassword
from auth.passwords import check_password, hash_password
from auth.schemas import Login, Me, MeUpdate, Register
from common import scopes
from common.errors import Unauthorized
from common.mail import Mail
from common.models.auth import Session, User


@dataclass(frozen=True, slots=True)
class Granted:
    access_token: str
    refresh_token: str
    scope: str


def email_key(email: str) -> str:
    """Addresses are compared without regard to case, and used as they were given."""
    return email.casefold()


async def register(session: AsyncSession, order: Register) -> Mail:
    """The letter to send. Known and unknown addresses do the same work, so that neither time nor answer tells them apart."""
    if order.password.casefold() in (email_key(order.email), order.display_name.casefold()):
        raise WeakPassword
    row = {
        "email": order.email,
        "email_key": email_key(order.email),
        "display_name": order.display_name,
        "locale": order.locale,
        "password_hash": await hash_password(order.password),
    }
    made = await session.scalar(insert(User).values(row).on_conflict_do_nothing().returning(User.id))
    if made is not None:
        return letters.welcome(order.email, order.display_name, order.locale)
    known = (await session.scalars(select(User).where(User.email_key == row["email_key"]))).one()
    return letters.already_known(known.email, known.display_name, known.locale)


async def login(session: AsyncSession, order: Login, user_agent: str) -> Granted:
    user = await session.scalar(select(User).where(User.email_key == email_key(order.email)))
    matches, renewed = await check_password(order.password, user.password_hash if user else None)
    if user is None or not matches or user.disabled_at is not None:
        raise InvalidCredentials
    if renewed:
        user.password_hash = renewed
    scope = _granted_scope(user, order.scope)
    return await _grant(session, await sessions.start(session, user.id, scope, user_agent))


def _granted_scope(user: User, asked: str | None) -> str:
    allowed = scopes.of_roles(user.roles)
    wanted = allowed if asked is None else frozenset(asked.split())
    if not wanted <= allowed:
        raise UnknownScope
    return " ".join(sorted(wanted))


async def _grant(session: AsyncSession, signed_in: Session) -> Granted:
    return Granted(await access_tokens.mint(session, signed_in), sessions.refresh_token(signed_in), signed_in.scope)


async def refresh(session: AsyncSession, token: str) -> Granted:
    return await _grant(session, await sessions.rotate(session, token))


def _read(user: User) -> Me:
    return Me(
        id=user.id,
        email=user.email,
        display_name=user.display_name,
        locale="ru" if user.locale == "ru" else "en",
        roles=user.roles,
        email_verified=user.email_verified_at is not None,
        created_at=user.created_at,
    )


async def me(session: AsyncSession, user_id: UUID) -> Me:
    user = await session.get(User, user_id)
    if user is None:  # erased between the identity check and here
        raise Unauthorized
    return _read(user)


async def update_me(session: AsyncSession, user_id: UUID, change: MeUpdate) -> Me:
    """Fields left out or null stay as they are."""
    values = change.model_dump(exclude_none=True)
    if values:
        await session.execute(update(User).where(User.id == user_id).values(**values, updated_at=func.now()))
    return await me(session, user_id)
