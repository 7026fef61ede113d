"""A person's passkeys. Signing in with one: service.passkey_sign_in."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, challenges, letters, outbox, ways_in, webauthn_answers
from auth import webauthn_ceremonies as ceremonies
from auth.client import Client
from auth.errors import (
    InvalidChallenge,
    InvalidPasskey,
    PasskeyAlreadyKnown,
    PasskeyNotAccepted,
    PasskeyNotFound,
    TooManyThings,
)
from auth.schemas.passkeys import Ceremony, PasskeyCreate
from auth.service.mfa import locked, verified
from common.models.auth_proofs import Passkey

if TYPE_CHECKING:
    from webauthn.registration.verify_registration_response import VerifiedRegistration

_MOST = 20
_TRANSPORTS = ("ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb")


async def of_person(session: AsyncSession, user_id: UUID) -> Sequence[Passkey]:
    return (await session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id))).all()


async def creation(session: AsyncSession, user_id: UUID) -> Ceremony:
    """Raises EmailNotVerified, TooManyThings."""
    user = await verified(session, user_id)
    known = await of_person(session, user_id)
    _check_room(known)
    challenge = ceremonies.new_challenge()
    ids = [passkey.credential_id for passkey in known]
    options = ceremonies.creation_options(challenge, user.id, user.email, user.display_name, ids)
    token = await challenges.start(
        session, "passkey-register", ceremonies.LIFE, user_id, challenge=ceremonies.stored(challenge)
    )
    return Ceremony(challenge=token, options=options)


def _check_room(known: Sequence[Passkey]) -> None:
    if len(known) >= _MOST:
        raise TooManyThings


async def add(session: AsyncSession, user_id: UUID, order: PasskeyCreate, client: Client) -> Passkey:
    """Raises EmailNotVerified, TooManyThings, PasskeyNotAccepted, PasskeyAlreadyKnown, TooManyRequests."""
    user = await verified(session, user_id)
    _check_room(await of_person(session, user_id))
    made = await _keep(session, user_id, order, await _prove(session, user_id, order))
    await audit.note(session, "passkey_added", user_id, client, passkey=str(made.id))
    await outbox.put(session, letters.new_factor(user.email, user.display_name, user.locale, "passkey"))
    return made


async def _prove(session: AsyncSession, user_id: UUID, order: PasskeyCreate) -> "VerifiedRegistration":
    """The person is signed in; it is their authenticator's answer that is wrong, or late. Raises PasskeyNotAccepted."""
    try:
        found = await challenges.attempt(order.challenge, "passkey-register")
        if found.user_id != user_id:
            raise PasskeyNotAccepted
        await challenges.finish(session, found)
        return webauthn_answers.verify_creation(order.credential, ceremonies.challenge_of(found))
    except (InvalidChallenge, InvalidPasskey):
        raise PasskeyNotAccepted from None


async def _keep(session: AsyncSession, user_id: UUID, order: PasskeyCreate, proof: "VerifiedRegistration") -> Passkey:
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
    return made


def _transports(credential: dict[str, Any]) -> list[str]:
    """As the browser says, of the names there are: hints for it, and of no weight here."""
    given = credential["response"].get("transports")
    return [name for name in _TRANSPORTS if name in given] if isinstance(given, list) else []


async def rename(session: AsyncSession, user_id: UUID, passkey_id: UUID, name: str) -> Passkey:
    own = (Passkey.id == passkey_id, Passkey.user_id == user_id)
    found: Passkey | None = await session.scalar(update(Passkey).where(*own).values(name=name).returning(Passkey))
    if found is None:
        raise PasskeyNotFound
    return found


async def remove(session: AsyncSession, user_id: UUID, passkey_id: UUID, client: Client) -> None:
    """Raises PasskeyNotFound, LastWayIn."""
    user = await locked(session, user_id)
    own = (Passkey.id == passkey_id, Passkey.user_id == user_id)
    if await session.scalar(delete(Passkey).where(*own).returning(Passkey.id)) is None:
        raise PasskeyNotFound
    await ways_in.keep_one(session, user)
    await audit.note(session, "passkey_removed", user_id, client, passkey=str(passkey_id))
    await outbox.put(session, letters.factor_removed(user.email, user.display_name, user.locale, "passkey"))
