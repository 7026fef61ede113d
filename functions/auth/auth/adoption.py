"""The first key, and the one that the environment names: how a key comes into the table without a rotation."""

import asyncio
from datetime import timedelta

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, signing_keys
from auth.secret_keys import seal
from common.db import transaction
from common.models.auth import SigningKey
from common.settings import settings

TOKEN_LIFE = timedelta(minutes=10)
CACHED_FOR = timedelta(hours=2, minutes=15)
"""The gateway remembers keys for up to two hours; a quarter more for clocks, and for a bucket that was not to be had."""

ALONE = text("SELECT pg_advisory_xact_lock(hashtext('auth.signing_keys'))")
TRY_ALONE = text("SELECT pg_try_advisory_xact_lock(hashtext('auth.signing_keys'))")
done: set[tuple[str, str]] = set()


def configured() -> str | None:
    """What tells one configuration of the signing key from another."""
    from auth.signing import configured_pem

    options = settings()
    if options.signing_kms_key_id:
        return options.signing_kms_key_id
    pem = configured_pem()
    return pem.jwk["kid"] if pem else None


async def adopt(session: AsyncSession, database: str) -> None:
    """Publish the key that the environment names, once: then it signs, until it is rotated or another one is named."""
    named = configured()
    if named is None or (database, named) in done:
        return
    known = select(SigningKey.kid).where(or_(SigningKey.kid == named, SigningKey.reference == named))
    if await session.scalar(known) is None:
        async with transaction("auth", beside=True) as own:
            await own.execute(ALONE)
            if await own.scalar(known) is None:
                await _adopt(own)
    done.add((database, named))


async def _adopt(session: AsyncSession) -> None:
    from auth.signing import configured_pem, kms_jwk

    reference = settings().signing_kms_key_id
    if reference is not None:
        jwk = await asyncio.to_thread(kms_jwk, reference)
    else:
        pem = configured_pem()
        assert pem is not None
        jwk = pem.jwk
    published = await session.get(SigningKey, jwk["kid"])
    if published is not None:
        published.reference = reference  # it was published before its id was kept
        return
    # A gateway must know a key before it signs, and KMS signs with the old one meanwhile. An old PEM is gone already.
    wait = CACHED_FOR if reference and await _somebody_signs(session) else timedelta()
    key = SigningKey(kid=jwk["kid"], jwk=jwk, source="configured", reference=reference)
    await add(session, key, wait, CACHED_FOR + TOKEN_LIFE)


async def _somebody_signs(session: AsyncSession) -> bool:
    return bool((await signing_keys.read(session)).due())


async def make_one() -> None:
    """A key that signs at once, because none can. Of processes that start at the same time one makes it."""
    async with transaction("auth", beside=True) as session:
        await session.execute(ALONE)
        if await signing_keys.usable(session, (await signing_keys.read(session)).due()) is None:
            await add(session, await sealed_key(session), timedelta(), CACHED_FOR + TOKEN_LIFE)


async def sealed_key(session: AsyncSession) -> SigningKey:
    from auth.signing import new_private_key, public_jwk

    private, der = await asyncio.to_thread(new_private_key)
    jwk = public_jwk(private.public_key())
    sealed = await seal(session, signing_keys.PURPOSE, der)
    return SigningKey(kid=jwk["kid"], jwk=jwk, source="sealed", private_key=sealed)


async def add(session: AsyncSession, key: SigningKey, wait: timedelta, keep: timedelta) -> None:
    """Publish a key that signs after `wait`; the others' tokens are taken for `keep` more."""
    key.created_at = func.clock_timestamp()
    key.signs_from = func.clock_timestamp() + wait
    session.add(key)
    await session.flush()
    await session.refresh(key)
    await retire_others(session, key, keep)
    await audit.note(session, "key_rotated", None, source=key.source)


async def retire_others(session: AsyncSession, key: SigningKey, keep: timedelta) -> None:
    """Whoever retires sooner still does."""
    others = update(SigningKey).where(SigningKey.kid != key.kid)
    await session.execute(
        others.values(retires_at=func.least(SigningKey.retires_at, key.signs_from + keep)).execution_options(
            synchronize_session=False
        )
    )
