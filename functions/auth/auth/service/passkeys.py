"""Passkeys: made when signed in, and a sign-in of their own."""

import base64
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, challenges, grants, letters, limits, outbox, ways_in
from auth import webauthn_ceremonies as ceremonies
from auth.accounts import may_sign_in
from auth.client import Client
from auth.devices import recognise
from auth.errors import (
    InvalidPasskey,
    PasskeyAlreadyKnown,
    PasskeyNotAccepted,
    PasskeyNotFound,
    TooManyThings,
)
from auth.grants import Granted
from auth.limits import Limit
from auth.schemas.passkeys import Ceremony, PasskeyCreate, PasskeyLogin
from auth.service.account import of
from auth.service.mfa import verified
from common.models.auth import User
from common.models.auth_proofs import Challenge, Passkey

LIFE = timedelta(minutes=10)
_MOST = 20


def _stored(challenge: bytes) -> str:
    return base64.b64encode(challenge).decode()


def _challenge(found: Challenge) -> bytes:
    return base64.b64decode(found.data["challenge"])


async def of_person(session: AsyncSession, user_id: UUID) -> Sequence[Passkey]:
    return (await session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id))).all()


async def creation(session: AsyncSession, user_id: UUID) -> Ceremony:
    """Raises EmailNotVerified, TooManyThings."""
    user = await verified(session, user_id)
    known = await of_person(session, user_id)
    if len(known) >= _MOST:
        raise TooManyThings
    challenge = ceremonies.new_challenge()
    ids = [passkey.credential_id for passkey in known]
    options = ceremonies.creation_options(challenge, user.id, user.email, user.display_name, ids)
    token = await challenges.start(session, "passkey-register", LIFE, user_id, challenge=_stored(challenge))
    return Ceremony(challenge=token, options=options)


async def add(session: AsyncSession, user_id: UUID, order: PasskeyCreate, client: Client) -> Passkey:
    """Raises InvalidChallenge, PasskeyNotAccepted, PasskeyAlreadyKnown."""
    found = await challenges.attempt(order.challenge, "passkey-register")
    if found.user_id != user_id:
        raise PasskeyNotAccepted
    user = await verified(session, user_id)
    await challenges.finish(session, found)
    try:
        proof = ceremonies.verify_creation(order.credential, _challenge(found))
    except InvalidPasskey:  # the person is signed in; it is their authenticator's answer that is wrong
        raise PasskeyNotAccepted from None
    row = {
        "user_id": user_id,
        "credential_id": proof.credential_id,
        "public_key": proof.credential_public_key,
        "sign_count": proof.sign_count,
        "name": order.name,
        "transports": _transports(order.credential),
        "backed_up": proof.credential_backed_up,
    }
    made: Passkey | None = await session.scalar(insert(Passkey).values(row).on_conflict_do_nothing().returning(Passkey))
    if made is None:
        raise PasskeyAlreadyKnown
    await audit.note(session, "passkey_added", user_id, client, passkey=str(made.id))
    await outbox.put(session, letters.new_factor(user.email, user.display_name, user.locale, "passkey"))
    return made


def _transports(credential: dict[str, Any]) -> list[str]:
    """As the browser says, of the names there are: hints for it, and of no weight here."""
    known = {"ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"}
    response = credential.get("response")
    given = response.get("transports") if isinstance(response, dict) else None
    return [name for name in given if name in known] if isinstance(given, list) else []


async def rename(session: AsyncSession, user_id: UUID, passkey_id: UUID, name: str) -> Passkey:
    own = (Passkey.id == passkey_id, Passkey.user_id == user_id)
    found: Passkey | None = await session.scalar(update(Passkey).where(*own).values(name=name).returning(Passkey))
    if found is None:
        raise PasskeyNotFound
    return found


async def remove(session: AsyncSession, user_id: UUID, passkey_id: UUID, client: Client) -> None:
    """Raises PasskeyNotFound, LastWayIn."""
    own = (Passkey.id == passkey_id, Passkey.user_id == user_id)
    if await session.scalar(delete(Passkey).where(*own).returning(Passkey.id)) is None:
        raise PasskeyNotFound
    await ways_in.keep_one(session, user_id)
    user = await of(session, user_id)
    await audit.note(session, "passkey_removed", user_id, client, passkey=str(passkey_id))
    await outbox.put(session, letters.factor_removed(user.email, user.display_name, user.locale, "passkey"))


async def request(session: AsyncSession, client: Client) -> Ceremony:
    """For anybody: it tells nothing about anyone. Raises TooManyRequests."""
    await limits.hit(Limit("passkey", (limits.network(client.address),)))
    challenge = ceremonies.new_challenge()
    token = await challenges.start(session, "passkey-login", LIFE, challenge=_stored(challenge))
    return Ceremony(challenge=token, options=ceremonies.request_options(challenge))


async def login(session: AsyncSession, order: PasskeyLogin, client: Client) -> Granted:
    """Raises InvalidChallenge, InvalidPasskey, TooManyRequests."""
    found = await challenges.attempt(order.challenge, "passkey-login")
    await challenges.finish(session, found)
    identifier = ceremonies.credential_id(order.credential)
    passkey = await session.scalar(select(Passkey).where(Passkey.credential_id == identifier).with_for_update())
    if passkey is None or ceremonies.user_handle(order.credential) not in (None, passkey.user_id):
        raise InvalidPasskey
    proof = ceremonies.verify_request(order.credential, _challenge(found), passkey.public_key, passkey.sign_count)
    user = await session.get_one(User, passkey.user_id)
    if not may_sign_in(user):
        raise InvalidPasskey
    passkey.sign_count, passkey.backed_up = proof.new_sign_count, proof.credential_backed_up
    passkey.last_used_at = func.now()
    device = await recognise(session, order.device_token)
    return await grants.sign_in(session, user, grants.allowed_scope(user, None), "hwk", client, device)
