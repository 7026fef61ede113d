"""What the second request of a sign-in is measured by: a password that wants a code, a passkey, an outside provider."""

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import delete, func, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth import opaque_tokens
from auth.errors import InvalidChallenge, TooManyRequests
from common.db import transaction
from common.models.auth_proofs import Challenge

type Purpose = Literal["mfa", "passkey-login", "passkey-register", "oidc-login", "oidc-link"]

ATTEMPTS = 5


async def start(
    session: AsyncSession, purpose: Purpose, life: timedelta, user_id: UUID | None = None, **data: Any
) -> str:
    """The challenge's token. `data` must be JSON."""
    secret, secret_hash = opaque_tokens.new_secret()
    made = Challenge(purpose=purpose, user_id=user_id, data=data, secret_hash=secret_hash, expires_at=func.now() + life)
    session.add(made)
    await session.flush()
    return opaque_tokens.write(made.id, secret)


async def attempt(token: str, purpose: Purpose) -> Challenge:
    """Count one try, in a transaction of its own, and give the challenge. Raises InvalidChallenge, TooManyRequests."""
    parsed = opaque_tokens.parse(token)
    if parsed is None:
        raise InvalidChallenge
    async with transaction("auth", beside=True) as session:
        found: Challenge | None = await session.scalar(
            update(Challenge)
            .where(Challenge.id == parsed.id, Challenge.purpose == purpose, Challenge.expires_at > func.now())
            .values(attempts=Challenge.attempts + 1)
            .returning(Challenge)
        )
        if found is None or not parsed.matches(found.secret_hash):
            raise InvalidChallenge
        if found.attempts > ATTEMPTS:
            # Over for this challenge; a new sign-in makes another, and sign-ins have limits of their own.
            raise TooManyRequests(headers={"Retry-After": "60"}, keep=True)
        return found


async def finish(session: AsyncSession, challenge: Challenge) -> None:
    """Of two requests that met the same challenge, one goes on. Raises InvalidChallenge for the other."""
    gone = await session.scalar(delete(Challenge).where(Challenge.id == challenge.id).returning(Challenge.id))
    if gone is None:
        raise InvalidChallenge
