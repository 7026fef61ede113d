"""New accounts. Known and unknown addresses do the same work, so that neither time nor answer tells them apart."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth import audit, letters, limits, outbox, password_rules
from auth.accounts import by_email, email_key, may_sign_in
from auth.client import Client
from auth.limits import Limit
from auth.passwords import hash_password
from auth.schemas.registration import Register
from auth.service.verification import verify_link
from auth.turns import turn
from common.models.auth import User


async def register(session: AsyncSession, order: Register, client: Client) -> None:
    """Raises WeakPassword, TooManyRequests, TooManySignIns."""
    await password_rules.check(order.password, order.email, order.display_name)
    await limits.hit(Limit("register", (limits.network(client.address),)))
    async with turn():
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
        await _known(session, order, client)
    else:
        await audit.note(session, "registered", made.id, client)
        link = await verify_link(session, made)
        await outbox.put(session, letters.welcome(made.email, made.display_name, made.locale, link))


async def _known(session: AsyncSession, order: Register, client: Client) -> None:
    """Nothing is changed, whoever asks: the password that counts is the one chosen with a proof of the address.

    An unverified account gets its link once more, a verified one a hint, one that is closed nothing.
    """
    known = await by_email(session, order.email)
    if known is None:  # erased between the two statements
        return
    await audit.note(session, "registered_again", known.id, client)
    if known.email_verified_at is None:
        link = await verify_link(session, known)
        letter = letters.verify(known.email, known.display_name, known.locale, link)
    else:
        letter = letters.already_known(known.email, known.display_name, known.locale)
    await outbox.put(session, letter, really=may_sign_in(known))
