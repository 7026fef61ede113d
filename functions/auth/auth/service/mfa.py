"""Second factors: an authenticator app, and codes on paper in its place."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, challenges, grants, letters, limits, outbox, recovery_codes, totp
from auth.accounts import may_sign_in
from auth.client import Client
from auth.errors import EmailNotVerified, InvalidChallenge, InvalidCode, TotpNotOn, WrongCode
from auth.grants import Granted
from auth.limits import Limit
from auth.schemas.mfa import Factors, MfaLogin, TotpSecret
from auth.service import account
from common.models.auth import User
from common.models.auth_proofs import Passkey


def _guesses(user_id: UUID) -> Limit:
    """Over all challenges: whoever knows the password could otherwise begin a new one after each five tries."""
    return Limit("code", (str(user_id),))


async def locked(session: AsyncSession, user_id: UUID) -> User:
    """One change of an account's factors at a time: what is counted, replaced or taken away stays as it was seen."""
    user = await account.of(session, user_id)
    # Not against whoever merely refers to the account: a sign-in holds its passkey and wants to add a session.
    await session.refresh(user, with_for_update={"key_share": True})
    return user


async def verified(session: AsyncSession, user_id: UUID) -> User:
    """Locked too. Who has not proved the address may not make another way in: its owner may be somebody else.

    Raises EmailNotVerified.
    """
    user = await locked(session, user_id)
    if user.email_verified_at is None:
        raise EmailNotVerified
    return user


async def factors(session: AsyncSession, user_id: UUID) -> Factors:
    passkeys = select(func.count()).where(Passkey.user_id == user_id)
    return Factors(
        totp=await totp.is_on(session, user_id),
        recovery_codes_left=await recovery_codes.left(session, user_id),
        passkeys=await session.scalar(passkeys) or 0,
    )


async def begin_totp(session: AsyncSession, user_id: UUID) -> TotpSecret:
    user = await verified(session, user_id)
    secret = await totp.begin(session, user_id)
    return TotpSecret(secret=secret, otpauth_uri=totp.uri(secret, user.email))


async def confirm_totp(session: AsyncSession, user_id: UUID, code: str, client: Client) -> list[str]:
    """The recovery codes that go with it. Raises WrongCode, TooManyRequests."""
    await limits.hit(_guesses(user_id))
    user = await verified(session, user_id)
    try:
        await totp.confirm(session, user_id, code)
    except InvalidCode:  # the person is signed in; it is what they typed that is wrong
        raise WrongCode from None
    await limits.give_back(session, [_guesses(user_id)])
    await audit.note(session, "totp_enabled", user_id, client)
    await outbox.put(session, letters.new_factor(user.email, user.display_name, user.locale, "totp"))
    return await recovery_codes.make(session, user_id)


async def turn_totp_off(session: AsyncSession, user_id: UUID, client: Client) -> None:
    """Raises TotpNotOn."""
    user = await locked(session, user_id)
    await totp.turn_off(session, user_id)
    await recovery_codes.forget(session, user_id)
    await audit.note(session, "totp_disabled", user_id, client)
    await outbox.put(session, letters.factor_removed(user.email, user.display_name, user.locale, "totp"))


async def new_recovery_codes(session: AsyncSession, user_id: UUID, client: Client) -> list[str]:
    """The old ones are void. Raises TotpNotOn."""
    await locked(session, user_id)
    if not await totp.is_on(session, user_id):
        raise TotpNotOn
    await audit.note(session, "recovery_codes_made", user_id, client)
    return await recovery_codes.make(session, user_id)


async def login(session: AsyncSession, order: MfaLogin, client: Client) -> Granted:
    """The second half of a sign-in. Raises InvalidChallenge, InvalidCode, TooManyRequests."""
    challenge = await challenges.attempt(order.challenge, "mfa")
    if challenge.user_id is None:
        raise InvalidChallenge
    await limits.hit(_guesses(challenge.user_id))
    user = await session.get(User, challenge.user_id)
    if user is None or not may_sign_in(user):
        raise InvalidChallenge
    try:
        second = await _prove(session, user, order, client)
    except InvalidCode:
        await audit.note(session, "sign_in_failed", user.id, client, factor="code" if order.code else "recovery_code")
        raise InvalidCode(keep=True) from None
    await challenges.finish(session, challenge)
    await limits.give_back(session, [_guesses(user.id)])
    scope = grants.still_allowed(user, challenge.data["scope"])
    device = challenge.data["device_id"]
    amr = f"{challenge.data.get('amr', 'pwd')} {second}"
    return await grants.sign_in(session, user, scope, amr, client, UUID(device) if device else None)


async def _prove(session: AsyncSession, user: User, order: MfaLogin, client: Client) -> str:
    """By what (RFC 8176, and `rcv`, which it has no word for)."""
    if order.code is not None:
        await totp.use(session, user.id, order.code)
        return "otp"
    left = await recovery_codes.use(session, user.id, order.recovery_code or "")
    await audit.note(session, "recovery_code_used", user.id, client, left=left)
    await outbox.put(session, letters.recovery_code_used(user.email, user.display_name, user.locale, left))
    return "rcv"
