"""Forgotten, reset and changed passwords."""

from uuid import UUID

from sqlalchemy import delete, func, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, grants, letters, limits, links, mail_tokens, outbox, password_rules, sessions
from auth.accounts import by_email, email_key, may_sign_in
from auth.client import Client
from auth.errors import InvalidMailToken, ReauthenticationRequired, WrongPassword
from auth.grants import Granted
from auth.limits import Limit
from auth.passwords import check_password, hash_password
from auth.recent_login import is_recent
from auth.schemas.password import PasswordChange, PasswordReset
from auth.service import account
from auth.turns import turn
from common.db import transaction
from common.models.auth import PersonalToken, Session, User
from common.models.auth_proofs import Challenge


async def forgot(session: AsyncSession, email: str, client: Client) -> None:
    """A letter to the account's address; to nobody at the same cost when there is none. Raises TooManyRequests."""
    await limits.hit(Limit("forgot", (limits.network(client.address),)), Limit("forgot-account", (email_key(email),)))
    user = await by_email(session, email)
    if user is None or not may_sign_in(user):
        await mail_tokens.pretend(session, "reset")
        nobodys = letters.reset(email, email, "en", links.page("reset-password", mail_tokens.SAMPLE))
        await outbox.put(session, nobodys, really=False)
        await audit.note(session, "password_reset_asked", None, client)
    else:
        await send_reset(session, user)
        await audit.note(session, "password_reset_asked", user.id, client)


async def send_reset(session: AsyncSession, user: User) -> None:
    token = await mail_tokens.issue(session, "reset", user.id, user.email, mail_tokens.RESET_LIFE)
    link = links.page("reset-password", token)
    await outbox.put(session, letters.reset(user.email, user.display_name, user.locale, link))


async def reset(session: AsyncSession, order: PasswordReset, client: Client) -> None:
    """Everything that could get in with the old one ends. The link is spent only on a password that is good.

    Who followed it has shown that the address is theirs. Raises InvalidMailToken, WeakPassword.
    """
    owner = await _whose(order.token)
    await password_rules.check(order.password, owner.email, owner.display_name)
    async with turn():
        password_hash = await hash_password(order.password)
    spent = await mail_tokens.redeem(session, "reset", order.token)
    user = await session.get_one(User, spent.user_id)
    if not may_sign_in(user) or email_key(spent.email) != user.email_key:
        raise InvalidMailToken
    # Before the sessions: one that a token is exchanged for at this moment would outlive them.
    tokens = update(PersonalToken).where(PersonalToken.user_id == user.id, PersonalToken.revoked_at.is_(None))
    await session.execute(tokens.values(revoked_at=func.now()))
    await _set(session, user, password_hash)
    user.email_verified_at = user.email_verified_at or func.now()
    await audit.note(session, "password_reset", user.id, client)


async def _whose(token: str) -> User:
    """Looked up beside, so that neither a connection nor the token's row is held while hashing."""
    async with transaction("auth", beside=True) as session:
        found = await mail_tokens.look_up(session, "reset", token)
        return await session.get_one(User, found.user_id)


async def _set(session: AsyncSession, user: User, password_hash: str) -> None:
    user.password_hash, user.password_changed_at, user.updated_at = password_hash, func.now(), func.now()
    await session.flush()
    # Half a sign-in first: one that is being finished is waited for here, and its session ends with the others.
    await session.execute(delete(Challenge).where(Challenge.user_id == user.id))
    await sessions.revoke_all(session, user.id)
    await mail_tokens.forget(session, "reset", user.id)
    # Somebody else who was signed in may have asked for it, and has the link already.
    await mail_tokens.forget(session, "change", user.id)
    await outbox.put(session, letters.password_changed(user.email, user.display_name, user.locale))


async def change(
    session: AsyncSession, user_id: UUID, session_id: UUID, order: PasswordChange, client: Client
) -> Granted:
    """All sessions end; this device gets a new one.

    Raises WrongPassword, WeakPassword, TooManyRequests, and ReauthenticationRequired for an account without a password
    and for personal tokens: theirs would become a sign-in that outlives them.
    """
    await limits.hit(Limit("password", (str(user_id),)))
    user = await account.of(session, user_id)
    signed_in = await session.get_one(Session, session_id)
    if signed_in.personal_token_id is not None:
        raise ReauthenticationRequired
    if user.password_hash is None:
        if not await is_recent(session, session_id):
            raise ReauthenticationRequired
    elif not (await check_password(order.current_password or "", user.password_hash))[0]:
        raise WrongPassword
    await password_rules.check(order.new_password, user.email, user.display_name)
    await _set(session, user, await hash_password(order.new_password))
    await limits.give_back(session, [Limit("password", (str(user_id),))])
    await audit.note(session, "password_changed", user.id, client)
    return await grants.sign_in(session, user, signed_in.scope, signed_in.amr, client)
