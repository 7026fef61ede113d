"""Buying a post: an offer, an ordinary transfer by the reader, and a look at what the transfer's key led to.

This group moves no money and cannot. See docs/decisions/0047.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, column, func, select, table, update
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.posts import Post, visible
from common.models.posts_purchases import Purchase
from posts.errors import PostNotFound
from posts.purchase_errors import NotForSale, OwnPost, PriceChanged
from posts.purchase_schemas import Payment, PurchaseCreate, PurchaseRead

RETURNS = table("transfer_returns", column("transfer_id", UuidType), column("returned"), schema="identity")


def given_back() -> ColumnElement[bool]:
    """All of it. Who gets a part back, as a kindness, keeps the post."""
    whole = select(1).where(RETURNS.c.transfer_id == Purchase.transaction_id, RETURNS.c.returned >= Purchase.amount)
    return whole.correlate(Purchase).exists()


def _key(post_id: UUID, attempt: int) -> str:
    """Keys are a person's own, so the reader need not be in it."""
    return f"post-{post_id}-{attempt}"


async def order(
    session: AsyncSession, reader_id: UUID, post_id: UUID, seen: PurchaseCreate
) -> tuple[PurchaseRead, bool]:
    """With whether the offer is new. Asking again tells what became of it: paid, or to be paid under another key.

    Raises PostNotFound, OwnPost, NotForSale, PriceChanged.
    """
    post = await session.scalar(select(Post).where(Post.id == post_id, visible()))
    if post is None:
        raise PostNotFound
    if post.author_id == reader_id:
        raise OwnPost
    await settle(session, reader_id, post_id)
    bought = await session.scalar(_of(reader_id, post_id).where(Purchase.status == "paid"))
    if bought is not None:
        return _read(bought), False
    if post.price_amount is None:
        raise NotForSale
    if (seen.amount, seen.currency) != (post.price_amount, post.price_currency):
        raise PriceChanged
    return await _offer(session, reader_id, post)


def _of(reader_id: UUID, post_id: UUID) -> Any:
    return select(Purchase).where(Purchase.post_id == post_id, Purchase.reader_id == reader_id)


async def settle(session: AsyncSession, reader_id: UUID, post_id: UUID) -> None:
    """Take over what money says by now of this reader's offers of the post. One request at a time does."""
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"purchase {post_id} {reader_id}", 0))
    await session.execute(select(lock))
    mine = (Purchase.post_id == post_id, Purchase.reader_id == reader_id)
    returned = update(Purchase).where(*mine, Purchase.status == "paid", given_back()).values(status="returned")
    await session.execute(returned)
    attempt = await session.scalar(select(func.max(Purchase.attempt)).where(*mine, Purchase.status == "open"))
    if attempt is None:
        return
    led_to = func.identity.transfer_by_key(reader_id, _key(post_id, attempt)).table_valued(
        "transfer_id", "payee_account_id", "amount", "currency", "posted_at"
    )
    found = (await session.execute(select(led_to))).one_or_none()
    if found is not None:
        await _conclude(session, [*mine, Purchase.attempt == attempt], found)


async def _conclude(session: AsyncSession, offers: list[ColumnElement[bool]], found: Row[Any]) -> None:
    """The key is used. At most one of its offers was paid, and only by exactly what it asks for."""
    paid = (
        update(Purchase)
        .where(
            *offers,
            Purchase.payee_account_id == found.payee_account_id,
            Purchase.amount == found.amount,
            Purchase.currency == found.currency,
        )
        .values(status="paid", transaction_id=found.transfer_id, paid_at=found.posted_at)
    )
    await session.execute(paid)
    await session.execute(update(Purchase).where(*offers, Purchase.status == "open").values(status="lapsed"))
    await session.execute(
        update(Purchase).where(*offers, Purchase.status == "paid", given_back()).values(status="returned")
    )


async def _offer(session: AsyncSession, reader_id: UUID, post: Post) -> tuple[PurchaseRead, bool]:
    """At another price it stays the same key, so that two tabs with two prices do not pay twice."""
    latest = await session.scalar(_of(reader_id, post.id).order_by(Purchase.attempt.desc(), Purchase.status != "open"))
    attempt = 1 if latest is None else latest.attempt + (latest.status != "open")
    values = {
        "post_id": post.id,
        "reader_id": reader_id,
        "attempt": attempt,
        "amount": post.price_amount,
        "currency": post.price_currency,
        "payee_account_id": post.price_account_id,
    }
    made = await session.scalar(insert(Purchase).values(values).on_conflict_do_nothing().returning(Purchase))
    if made is None:
        known = select(Purchase).where(*(getattr(Purchase, name) == value for name, value in values.items()))
        return _read((await session.scalars(known)).one()), False
    return _read(made), True


def _read(purchase: Purchase) -> PurchaseRead:
    payment = None
    if purchase.status == "open":
        payment = Payment(
            idempotency_key=_key(purchase.post_id, purchase.attempt),
            to_account_id=purchase.payee_account_id,
            amount=purchase.amount,
            currency=purchase.currency,
        )
    names = ("id", "post_id", "status", "amount", "currency", "created_at", "paid_at", "transaction_id")
    return PurchaseRead(**{name: getattr(purchase, name) for name in names}, payment=payment)


async def has_bought(session: AsyncSession, reader_id: UUID, post_id: UUID) -> bool:
    """Also who has paid and never came back to say so."""
    paid = _of(reader_id, post_id).where(Purchase.status == "paid", ~given_back())
    if await session.scalar(paid) is not None:
        return True
    if await session.scalar(_of(reader_id, post_id).where(Purchase.status == "open").limit(1)) is None:
        return False
    await settle(session, reader_id, post_id)
    return await session.scalar(paid) is not None
