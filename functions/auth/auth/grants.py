"""What a finished sign-in hands out."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth import access_tokens, audit, devices, sessions
from auth.client import Client
from auth.errors import UnknownScope
from common import scopes
from common.models.auth import Session, User


@dataclass(frozen=True, slots=True)
class Granted:
    """`device_token` is None on refresh: the device has one already."""

    access_token: str
    refresh_token: str
    scope: str
    device_token: str | None = None


def allowed_scope(user: User, asked: str | None) -> str:
    """All that the account may do, or the less that was asked for. Raises UnknownScope."""
    allowed = scopes.of_roles(user.roles)
    wanted = allowed if asked is None else frozenset(asked.split())
    if not wanted <= allowed:
        raise UnknownScope(keep=True)  # the password was right: the hit that was given back stays so
    return " ".join(sorted(wanted))


def still_allowed(user: User, scope: str) -> str:
    """What of an earlier grant the account may do now."""
    return " ".join(sorted(frozenset(scope.split()) & scopes.of_roles(user.roles)))


async def sign_in(
    session: AsyncSession, user: User, scope: str, amr: str, client: Client, device_id: UUID | None = None
) -> Granted:
    """The one way by which every kind of sign-in ends. `amr`: see sessions.start."""
    signed_in = await sessions.start(session, user.id, scope, amr, client)
    await audit.note(session, "signed_in", user.id, client, session_id=signed_in.id, amr=amr)
    device = await devices.remember(session, device_id, user.id)
    return await tokens_of(session, signed_in, device)


async def tokens_of(session: AsyncSession, signed_in: Session, device_token: str | None = None) -> Granted:
    access = await access_tokens.mint(session, signed_in)
    return Granted(access, await sessions.refresh_token(session, signed_in), signed_in.scope, device_token)
