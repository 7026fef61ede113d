"""New accounts."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth import letters, limits, outbox
from auth.accounts import email_key
from auth.client import Client
from auth.errors import WeakPassword
from auth.limits import Limit
from auth.passwords import hash_password
from auth.schemas.registration import Register
from common.models.auth import User


async def register(session: AsyncSession, order: Register, client: Client) -> None:
    """Known and unknown addresses do the same work, so that neither time nor answer tells them apart."""
    if order.password.casefold() in (email_key(order.email), order.display_name.casefold()):
        raise WeakPassword
    await limits.hit(Limit("register", (limits.network(client.address),)))
    row = {
        "email": order.email,
        "email_key": email_key(order.email),
        "display_name": order.display_name,
        "locale": order.locale,
        "password_hash": await hash_password(order.password),
    }
    made = await session.scalar(insert(User).values(row).on_conflict_do_nothing().returning(User.id))
    if made is not None:
        await outbox.put(session, letters.welcome(order.email, order.display_name, order.locale))
        return
    known = (await session.scalars(select(User).where(User.email_key == row["email_key"]))).one()
    await outbox.put(session, letters.already_known(known.email, known.display_name, known.locale))
