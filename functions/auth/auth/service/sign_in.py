"""Signing in with a password, and staying signed in."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, challenges, devices, grants, limits, sessions, totp
from auth.accounts import email_key, may_sign_in
from auth.client import Client
from auth.errors import InvalidCredentials
from auth.grants import Granted
from auth.limits import Limit
from auth.passwords import check_password
from auth.schemas.sign_in import Login
from auth.turns import turn
from common.db import transaction
from common.models.auth import User

MFA_LIFE = timedelta(minutes=10)
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class SecondFactorWanted:
    """The password was right; the account wants a code besides."""

    challenge: str


def _limits(order: Login, client: Client, known_device: UUID | None) -> list[Limit]:
    """A known device has a limit of its own, and is not counted with the strangers who try the same account."""
    account, address = email_key(order.email), limits.network(client.address)
    if known_device:
        return [Limit("login-device", (account, str(known_device)))]
    return [
        Limit("login-address", (address,)),
        Limit("login-pair", (account, address)),
        Limit("login-account", (account,)),
    ]


@dataclass(frozen=True, slots=True)
class _Claimed:
    """Whom somebody says to be, looked up and counted before the password is looked at."""

    user_id: UUID | None
    password_hash: str | None
    device_id: UUID | None
    counted: list[Limit]


async def _claim(order: Login, client: Client) -> _Claimed:
    """Committed before hashing, and no connection is held while that takes its time. Raises TooManyRequests."""
    async with transaction("auth", beside=True) as session:
        device_id = await devices.recognise(session, order.device_token)
        found = (await session.execute(devices.with_user(email_key(order.email), device_id))).one_or_none()
        counted = _limits(order, client, device_id if found and found.known else None)
        await limits.count(session, *counted)
        return _Claimed(found and found.id, found and found.password_hash, device_id, counted)


async def login(session: AsyncSession, order: Login, client: Client) -> Granted | SecondFactorWanted:
    """Costs the same for an account that is not there. Raises TooManyRequests, InvalidCredentials, UnknownScope."""
    async with turn():
        claimed = await _claim(order, client)
        matches, renewed = await check_password(order.password, claimed.password_hash)
    # Locked: a password that is being changed at this moment must not leave a session of the old one behind.
    user = await session.get(User, claimed.user_id or _NOBODY, with_for_update={"key_share": True})
    if user is None or not matches or not may_sign_in(user) or user.password_hash != claimed.password_hash:
        await audit.note(session, "sign_in_failed", claimed.user_id, client)
        raise InvalidCredentials(keep=True)
    if renewed:
        user.password_hash = renewed
    await limits.give_back(session, claimed.counted)
    scope = grants.allowed_scope(user, order.scope)
    return await _past_the_password(session, user, scope, client, claimed.device_id)


async def _past_the_password(
    session: AsyncSession, user: User, scope: str, client: Client, device_id: UUID | None
) -> Granted | SecondFactorWanted:
    if await totp.is_on(session, user.id):
        device = str(device_id) if device_id else None
        return SecondFactorWanted(
            await challenges.start(session, "mfa", MFA_LIFE, user.id, scope=scope, device_id=device)
        )
    return await grants.sign_in(session, user, scope, "pwd", client, device_id)


async def refresh(session: AsyncSession, token: str, client: Client) -> Granted:
    return await grants.tokens_of(session, await sessions.rotate(session, token, client))
