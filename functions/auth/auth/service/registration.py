"""New accounts. Known and unknown addresses do the same work, so that neither time nor answer tells them apart."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, letters, limits, mail_tokens, outbox, password_rules
from auth.accounts import by_email, email_key, may_sign_in
from auth.client import Client
from auth.limits import Limit
from auth.passwords import check_password, hash_password
from auth.schemas.registration import Register
from auth.service.verification import verify_link
from auth.turns import turn
from common.db import transaction
from common.models.auth import User


async def register(session: AsyncSession, order: Register, client: Client) -> None:
    """Raises WeakPassword, TooManyRequests, TooManySignIns."""
    await password_rules.check(order.password, order.email, order.display_name)
    await limits.hit(Limit("register", (limits.network(client.address),)))
    unproved = await _unproved_password(order.email)
    async with turn():
        if unproved is not None:
            same, _ = await check_password(order.password, unproved)
            await _known(session, order, client, other_password=not same)
            return
        password_hash = await hash_password(order.password)
    row = {
        "email": order.email,
        "email_key": email_key(order.email),
        "display_name": order.display_name,
        "locale": order.locale,
        "password_hash": password_hash,
    }
    made = await session.scalar(insert(User).values(row).on_conflict_do_nothing().returning(User))
    if made is None:
        await _known(session, order, client, other_password=True)
    else:
        await audit.note(session, "registered", made.id, client)
        link = await verify_link(session, made)
        await outbox.put(session, letters.welcome(made.email, made.display_name, made.locale, link))


async def _unproved_password(email: str) -> str | None:
    """The hash of an account that nobody has shown to be theirs. Looked up beside: nothing is held while hashing."""
    unproved = select(User.password_hash).where(User.email_key == email_key(email), User.email_verified_at.is_(None))
    async with transaction("auth", beside=True) as session:
        return await session.scalar(unproved)


async def _known(session: AsyncSession, order: Register, client: Client, *, other_password: bool) -> None:
    """Nothing is changed, whoever asks; that two want the address with two passwords matters when it is proved.

    An unverified account gets its link once more, a verified one a hint, one that is closed nothing.
    """
    known = await by_email(session, order.email)
    if known is None:  # erased between the two statements
        return
    waiting = known.email_verified_at is None
    await audit.note(session, "registered_again", known.id, client, other_password=waiting and other_password)
    if waiting:
        link = await verify_link(session, known)
        letter = letters.verify(known.email, known.display_name, known.locale, link)
    else:
        await mail_tokens.pretend(session, "verify")
        letter = letters.already_known(known.email, known.display_name, known.locale)
    await outbox.put(session, letter, really=may_sign_in(known))
