"""Browsers and apps that a person has signed in from before, so that strangers' wrong passwords do not lock them out."""

import base64
import binascii
import hashlib
import hmac
import uuid
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth.secret_keys import key_for
from common.models.auth import Device, User

LIFE = timedelta(days=365)
_MAC_BYTES = 16
_NOWHERE = UUID(int=0)


async def _mac(session: AsyncSession, device_id: UUID) -> bytes:
    return hmac.digest(await key_for(session, "devices"), device_id.bytes, hashlib.sha256)[:_MAC_BYTES]


async def recognise(session: AsyncSession, token: str | None) -> UUID | None:
    """The id in a device token that we wrote."""
    try:
        raw = base64.b64decode(token or "", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != 16 + _MAC_BYTES:
        return None
    device_id = UUID(bytes=raw[:16])
    return device_id if hmac.compare_digest(raw[16:], await _mac(session, device_id)) else None


def with_user(email_key: str, device_id: UUID | None) -> Select[UUID, str | None, bool]:
    """Who has this address: id, password_hash, and `known`: whether they have signed in on this device before."""
    known = select(Device.id).where(Device.user_id == User.id, Device.id == (device_id or _NOWHERE)).exists()
    return select(User.id, User.password_hash, known.label("known")).where(User.email_key == email_key)


async def remember(session: AsyncSession, device_id: UUID | None, user_id: UUID) -> str:
    """The device's token. A browser keeps its id, whoever signs in from it."""
    kept = device_id or uuid.uuid4()
    row = insert(Device).values(id=kept, user_id=user_id)
    await session.execute(
        row.on_conflict_do_update(index_elements=["id", "user_id"], set_={"last_seen_at": func.now()})
    )
    return base64.urlsafe_b64encode(kept.bytes + await _mac(session, kept)).decode()
