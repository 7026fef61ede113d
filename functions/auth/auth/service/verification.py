"""Proofs that an address is somebody's: at sign-up, and when it changes."""

from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, letters, limits, links, mail_tokens, outbox, sessions
from auth.accounts import by_email, email_key, may_sign_in
from auth.client import Client
from auth.errors import InvalidMailToken
from auth.limits import Limit
from auth.service import account
from common.models.auth import User
from common.models.auth_records import AuditEntry


async def verify_link(session: AsyncSession, user: User) -> str:
    token = await mail_tokens.issue(session, "verify", user.id, user.email, mail_tokens.VERIFY_LIFE)
    return links.page("verify-email", token)


async def verify(session: AsyncSession, token: str, client: Client) -> None:
    """Ends what began before: whoever signed up with somebody else's address is out. Raises InvalidMailToken."""
    spent = await mail_tokens.redeem(session, "verify", token)
    user = await session.get_one(User, spent.user_id)
    if not may_sign_in(user) or email_key(spent.email) != user.email_key:
        raise InvalidMailToken
    if user.email_verified_at is None:
        user.email_verified_at = func.now()
        await sessions.revoke_all(session, user.id)
        await audit.note(session, "email_verified", user.id, client)
        if await _contested(session, user.id):
            await _let_choose_password(session, user)


async def _contested(session: AsyncSession, user_id: UUID) -> bool:
    """Somebody else signed up with this address too, and chose another password."""
    again = (AuditEntry.user_id == user_id, AuditEntry.event == "registered_again")
    other = select(AuditEntry.id).where(*again, AuditEntry.detail["other_password"].as_boolean()).limit(1)
    return await session.scalar(other) is not None


async def _let_choose_password(session: AsyncSession, user: User) -> None:
    """The password may be that of whoever came first, or last; only who reads the letters is known by now."""
    user.password_hash = None
    token = await mail_tokens.issue(session, "reset", user.id, user.email, mail_tokens.RESET_LIFE)
    link = links.page("reset-password", token)
    await outbox.put(session, letters.choose_password(user.email, user.display_name, user.locale, link))


async def resend(session: AsyncSession, email: str, client: Client) -> None:
    """To whoever has the address and has not proved it; to nobody at the same cost. Raises TooManyRequests."""
    await limits.hit(Limit("resend", (limits.network(client.address),)), Limit("resend-account", (email_key(email),)))
    user = await by_email(session, email)
    waiting = user is not None and may_sign_in(user) and user.email_verified_at is None
    await _send_or_pretend(session, user if waiting else None, email)


async def _send_or_pretend(session: AsyncSession, user: User | None, email: str) -> None:
    if user is None:
        await mail_tokens.pretend(session, "verify")
        nobodys = letters.verify(email, email, "en", links.page("verify-email", mail_tokens.SAMPLE))
        await outbox.put(session, nobodys, really=False)
    else:
        link = await verify_link(session, user)
        await outbox.put(session, letters.verify(user.email, user.display_name, user.locale, link))


async def ask_for_change(session: AsyncSession, user_id: UUID, new_email: str, client: Client) -> None:
    """The new address gets the link, the old one a warning. Of an address that has an account the owner gets a hint instead.

    Raises TooManyRequests.
    """
    await limits.hit(Limit("change-email", (str(user_id),)))
    user = await account.of(session, user_id)
    token = await mail_tokens.issue(session, "change", user.id, new_email, mail_tokens.CHANGE_LIFE)
    holder = await by_email(session, new_email)
    if holder is None or holder.id == user.id:
        link = links.page("confirm-email", token)
        await outbox.put(session, letters.change_email(new_email, user.display_name, user.locale, link))
    else:
        letter = letters.already_known(holder.email, holder.display_name, holder.locale)
        await outbox.put(session, letter, really=may_sign_in(holder))
    await outbox.put(session, letters.email_changing(user.email, user.display_name, user.locale, new_email))
    await audit.note(session, "email_change_asked", user.id, client)


async def confirm_change(session: AsyncSession, token: str, client: Client) -> None:
    """The address the letter went to is the account's from now on. Raises InvalidMailToken, also if it is taken by now."""
    spent = await mail_tokens.redeem(session, "change", token)
    user = await session.get_one(User, spent.user_id)
    taken = select(exists().where(User.email_key == email_key(spent.email), User.id != user.id))
    if not may_sign_in(user) or await session.scalar(taken):
        raise InvalidMailToken
    old = user.email
    if user.email_verified_at is None:
        await sessions.revoke_all(session, user.id)
    await _move(session, user.id, spent.email)
    await mail_tokens.forget(session, "reset", user.id)
    await mail_tokens.forget(session, "verify", user.id)
    await outbox.put(session, letters.email_changed(old, user.display_name, user.locale))
    await audit.note(session, "email_changed", user.id, client)


async def _move(session: AsyncSession, user_id: UUID, email: str) -> None:
    """Somebody may register with the address at this very moment: then theirs it is."""
    values = {"email": email, "email_key": email_key(email), "email_verified_at": func.now(), "updated_at": func.now()}
    try:
        async with session.begin_nested():
            await session.execute(update(User).where(User.id == user_id).values(values))
    except IntegrityError:
        raise InvalidMailToken from None
