"""One key after the other signs, and nobody is signed out by it.

The next key is published, waits until every verifier has seen it, and signs; the last one stays published until its last
token has ended; then its tokens are refused, and the private key is destroyed.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth import adoption, audit, issuer_documents, signing_keys
from auth.adoption import CACHED_FOR, TOKEN_LIFE
from common.db import transaction
from common.models.auth import SigningKey
from common.settings import settings

WAIT = CACHED_FOR
KEEP = CACHED_FOR + TOKEN_LIFE
_SHOWN_FOR = timedelta(days=30)
_KMS_WAITS_DAYS = 7
_GONE = ("KMSInvalidStateException", "NotFoundException")
# What was to retire before the switch still does then: it may have been stolen.
_PUT_OFF = text("""
    WITH waiting AS (
        SELECT kid, signs_from, now() + :wait - signs_from AS by
        FROM auth.signing_keys WHERE signs_from > now() ORDER BY signs_from LIMIT 1
    )
    UPDATE auth.signing_keys AS key SET
        signs_from = key.signs_from + CASE WHEN key.kid = waiting.kid THEN waiting.by ELSE '0' END,
        retires_at = key.retires_at + waiting.by
    FROM waiting
    WHERE waiting.by > '0' AND (key.kid = waiting.kid OR key.retires_at > waiting.signs_from)
""")


@dataclass(frozen=True, slots=True)
class Rotation:
    """When the new key begins to sign, and when the last token of an older one is refused."""

    kid: str
    signs_from: datetime
    others_until: datetime


async def rotate(wait: timedelta = WAIT, keep: timedelta = KEEP) -> Rotation:
    """By hand. A next key that waits already is not doubled but brought forward, so two calls at once do no harm."""
    async with transaction("auth") as session:
        await session.execute(adoption.ALONE)
        begun = await _begin(session, wait, keep)
    await issuer_documents.republish()
    return begun


async def advance() -> None:
    """What is due: the next key, the documents for the gateway, the end of old keys. Any number of processes may."""
    async with transaction("auth") as session:
        if not await session.scalar(adoption.TRY_ALONE):
            return
        if await _is_due(session):
            await _begin(session, WAIT, KEEP)
        await _shed(session)
    await _show()
    await _destroy_in_kms()


async def _show() -> None:
    """A gateway that was not shown a key refuses its tokens, so the key waits on, and the one that signs stays as long."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        await issuer_documents.republish()
    except (BotoCoreError, ClientError):
        async with transaction("auth") as session:
            await session.execute(_PUT_OFF, {"wait": WAIT})
        raise


async def _is_due(session: AsyncSession) -> bool:
    """Whether the newest key, which may still be waiting, has signed long enough."""
    days = settings().key_rotation_days
    newest = select(func.max(SigningKey.signs_from)).scalar_subquery()
    return bool(days and await session.scalar(select(newest < func.now() - timedelta(days=days))))


async def _begin(session: AsyncSession, wait: timedelta, keep: timedelta) -> Rotation:
    waiting = select(SigningKey).where(SigningKey.signs_from > func.now()).order_by(SigningKey.signs_from).limit(1)
    key = await session.scalar(waiting)
    if key is not None:
        key.signs_from = func.least(SigningKey.signs_from, func.now() + wait)
        await session.flush()
        await session.refresh(key)
        await adoption.retire_others(session, key, keep)
        await audit.note(session, "key_rotated", None, source=key.source)
    else:
        somebody_signs = (await signing_keys.read(session)).due()
        key = await _new_key(session)
        await adoption.add(session, key, wait if somebody_signs else timedelta(), keep)
    return Rotation(key.kid, key.signs_from, key.signs_from + keep)


async def _new_key(session: AsyncSession) -> SigningKey:
    """Of the kind that the installation has: in KMS, or sealed in the database."""
    if settings().signing_kms_key_id is None:
        return await adoption.sealed_key(session)
    from auth.signing import kms_jwk

    reference = await asyncio.to_thread(_make_in_kms)
    jwk = await asyncio.to_thread(kms_jwk, reference)
    return SigningKey(kid=jwk["kid"], jwk=jwk, source="kms", reference=reference)


def _make_in_kms() -> str:
    from auth.signing import BITS, kms

    # The tag is what the policies of the functions go by.
    tags = [{"TagKey": "artel-stack", "TagValue": settings().stack_name or "artel"}]
    made: dict[str, Any] = kms().create_key(
        Description="Signs Artel's access tokens", KeySpec=f"RSA_{BITS}", KeyUsage="SIGN_VERIFY", Tags=tags
    )
    return str(made["KeyMetadata"]["KeyId"])


async def _shed(session: AsyncSession) -> None:
    """A retired private key serves nobody but a thief. Rows of the environment's keys stay, so that it cannot name one anew."""
    retired = SigningKey.retires_at < func.now()
    await session.execute(
        update(SigningKey).where(retired, SigningKey.private_key.is_not(None)).values(private_key=None)
    )
    forgotten = SigningKey.retires_at < func.now() - _SHOWN_FOR
    ours = (SigningKey.source != "configured", SigningKey.reference.is_(None))
    await session.execute(delete(SigningKey).where(forgotten, *ours))


async def _destroy_in_kms() -> None:
    """Those that rotation made; a key that the environment names is whoever's made it."""
    retired = (SigningKey.source == "kms", SigningKey.reference.is_not(None), SigningKey.retires_at < func.now())
    async with transaction("auth") as session:
        for key in await session.scalars(select(SigningKey).where(*retired).with_for_update(skip_locked=True)):
            assert key.reference is not None
            await asyncio.to_thread(_schedule_deletion, key.reference)
            key.reference = None


def _schedule_deletion(reference: str) -> None:
    from botocore.exceptions import ClientError

    from auth.signing import kms

    try:
        kms().schedule_key_deletion(KeyId=reference, PendingWindowInDays=_KMS_WAITS_DAYS)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
