"""Signing in with a passkey."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, challenges, grants, limits, webauthn_answers
from auth import webauthn_ceremonies as ceremonies
from auth.accounts import may_sign_in
from auth.client import Client
from auth.devices import recognise
from auth.errors import InvalidPasskey
from auth.grants import Granted
from auth.limits import Limit
from auth.schemas.passkeys import Ceremony, PasskeyLogin
from common.models.auth import User
from common.models.auth_proofs import Passkey


async def request(session: AsyncSession, client: Client) -> Ceremony:
    """For anybody: it tells nothing about anyone. Raises TooManyRequests."""
    await limits.hit(Limit("passkey", (limits.network(client.address),)))
    challenge = ceremonies.new_challenge()
    token = await challenges.start(session, "passkey-login", ceremonies.LIFE, challenge=ceremonies.stored(challenge))
    return Ceremony(challenge=token, options=ceremonies.request_options(challenge))


async def login(session: AsyncSession, order: PasskeyLogin, client: Client) -> Granted:
    """Raises InvalidChallenge, InvalidPasskey, TooManyRequests."""
    found = await challenges.attempt(order.challenge, "passkey-login")
    await challenges.finish(session, found)
    identifier = webauthn_answers.credential_id(order.credential)
    passkey = await session.scalar(select(Passkey).where(Passkey.credential_id == identifier).with_for_update())
    if passkey is None:
        raise InvalidPasskey
    user = await session.get_one(User, passkey.user_id)
    try:
        _verify(order.credential, ceremonies.challenge_of(found), passkey, user)
    except InvalidPasskey:
        await audit.note(session, "sign_in_failed", user.id, client, passkey=str(passkey.id))
        raise InvalidPasskey(keep=True) from None
    device = await recognise(session, order.device_token)
    return await grants.sign_in(session, user, grants.allowed_scope(user, None), "hwk", client, device)


def _verify(credential: dict[str, Any], challenge: bytes, passkey: Passkey, user: User) -> None:
    """Raises InvalidPasskey."""
    if webauthn_answers.user_handle(credential) != user.id or not may_sign_in(user):
        raise InvalidPasskey
    proof = webauthn_answers.verify_request(credential, challenge, passkey.public_key, passkey.sign_count)
    passkey.sign_count, passkey.backed_up = proof.new_sign_count, proof.credential_backed_up
    passkey.last_used_at = func.now()
