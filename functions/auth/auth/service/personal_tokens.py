"""Personal access tokens: long secrets for programs, good for nothing but an access token of ten minutes."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth import access_tokens, audit, letters, limits, opaque_tokens, outbox, sessions
from auth.accounts import may_sign_in
from auth.client import Client
from auth.errors import InvalidPersonalToken, PersonalTokenNotFound, TooManyThings, UnknownScope
from auth.limits import Limit
from auth.schemas.personal_tokens import PersonalTokenCreate
from auth.service.mfa import verified
from common import scopes
from common.models.auth import PersonalToken, Session, User

PREFIX = "artel_pat_"
"""So that people and secret scanners know one when they see it."""
_MOST = 50


def grantable(user: User) -> frozenset[str]:
    """Never what changes accounts, one's own or others': such a token would be a way in that outlives its theft."""
    return scopes.of_roles(user.roles) & scopes.FOR_PROGRAMS


async def of_person(session: AsyncSession, user_id: UUID) -> Sequence[PersonalToken]:
    """Those that still work, newest first."""
    return (
        await session.scalars(select(PersonalToken).where(*_living(user_id)).order_by(PersonalToken.id.desc()))
    ).all()


def _living(user_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        PersonalToken.user_id == user_id,
        PersonalToken.revoked_at.is_(None),
        PersonalToken.expires_at > func.now(),
    )


async def create(
    session: AsyncSession, user_id: UUID, order: PersonalTokenCreate, client: Client
) -> tuple[PersonalToken, str]:
    """The row and the token itself. Raises EmailNotVerified, UnknownScope, TooManyThings."""
    user = await verified(session, user_id)
    wanted = frozenset(order.scope.split())
    if not wanted or not wanted <= grantable(user):
        raise UnknownScope
    if len(await of_person(session, user_id)) >= _MOST:
        raise TooManyThings
    secret, secret_hash = opaque_tokens.new_secret()
    made = PersonalToken(
        user_id=user_id,
        name=order.name,
        scope=" ".join(sorted(wanted)),
        secret_hash=secret_hash,
        expires_at=func.now() + timedelta(days=order.expires_in_days),
    )
    session.add(made)
    await session.flush()
    await session.refresh(made)
    await audit.note(session, "token_created", user_id, client, token=str(made.id), scope=made.scope)
    await outbox.put(session, letters.new_factor(user.email, user.display_name, user.locale, "token"))
    return made, opaque_tokens.write(made.id, secret, PREFIX)


async def revoke(session: AsyncSession, user_id: UUID, token_id: UUID, client: Client) -> None:
    """And every session it was exchanged for. Raises PersonalTokenNotFound."""
    own = update(PersonalToken).where(PersonalToken.id == token_id, *_living(user_id)).values(revoked_at=func.now())
    if await session.scalar(own.returning(PersonalToken.id)) is None:
        raise PersonalTokenNotFound
    await sessions.revoke(session, Session.personal_token_id == token_id)
    await audit.note(session, "token_revoked", user_id, client, token=str(token_id))


async def exchange(session: AsyncSession, token: str, scope: str | None, client: Client) -> tuple[str, str]:
    """An access token and its scope. Raises InvalidPersonalToken, UnknownScope, TooManyRequests."""
    parsed = opaque_tokens.parse(token, PREFIX)
    if parsed is None:
        raise InvalidPersonalToken
    await limits.hit(Limit("exchange-address", (limits.network(client.address),)), Limit("exchange", (str(parsed.id),)))
    found = await session.get(PersonalToken, parsed.id)
    if found is None or not parsed.matches(found.secret_hash):
        raise InvalidPersonalToken
    used = update(PersonalToken).where(PersonalToken.id == found.id, *_living(found.user_id))
    user = await session.get_one(User, found.user_id)
    if not may_sign_in(user) or not await session.scalar(
        used.values(last_used_at=func.now()).returning(PersonalToken.id)
    ):
        raise InvalidPersonalToken
    begun = await _begin(session, user, found, scope, client)
    return await access_tokens.mint(session, begun), begun.scope


async def _begin(session: AsyncSession, user: User, token: PersonalToken, scope: str | None, client: Client) -> Session:
    """A session that ends with its one access token."""
    allowed = frozenset(token.scope.split()) & grantable(user)
    wanted = allowed if scope is None else frozenset(scope.split())
    if not wanted <= allowed:
        raise UnknownScope
    begun = await sessions.start(session, user.id, " ".join(sorted(wanted)), "pat", client)
    begun.personal_token_id = token.id
    begun.expires_at = func.now() + timedelta(seconds=access_tokens.LIFE_S)
    await session.flush()
    await audit.note(session, "token_exchanged", user.id, client, session_id=begun.id, token=str(token.id))
    return begun
