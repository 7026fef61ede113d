"""Sending money to people, who may be unknown: the same is done, and answered, whether or not there is anybody."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import transaction
from common.idempotency import Key
from common.models.money import Entry
from money import addresses, ledger
from money.errors import refusal
from money.ledger import Outcome
from money.schemas.transfers import TransferCreate, TransferRead, TransferTrial


def address_key(email: str | None) -> str | None:
    return addresses.key(email) if email is not None else None


async def create(owner: UUID, key: Key, order: TransferCreate) -> tuple[TransferRead, Outcome]:
    """In a transaction of its own: transfers to accounts, which come the same way, have none but their statement's."""
    request = key.request(owner, "transfer", order)
    whom = (order.recipient, order.to_handle, address_key(order.to_email))
    what = (order.amount, order.currency, order.description)
    async with transaction("money") as session:
        outcome = await ledger.call(session, "send", request, order.from_account_id, *whom, *what)
        return await _sent(session, order, outcome.id("transaction_id")), outcome


async def _sent(session: AsyncSession, order: TransferCreate, transfer_id: UUID) -> TransferRead:
    """From the sender's own entry, and what they asked for: a retry reads what the first answer was."""
    columns = (Entry.amount, Entry.balance_after, Entry.booked_at)
    mine = select(*columns).where(Entry.transaction_id == transfer_id, Entry.account_id == order.from_account_id)
    entry = (await session.execute(mine)).one()
    posted_at: datetime = entry.booked_at
    return TransferRead(
        id=transfer_id,
        kind="transfer",
        from_account_id=order.from_account_id,
        to_account_id=None,
        amount=order.amount,
        fee=entry.amount - order.amount,
        currency=order.currency,
        description=order.description,
        balance_after=entry.balance_after,
        original_id=None,
        created_at=posted_at,
        recipient=order.recipient,
    )


async def attempt(owner: UUID, order: TransferCreate) -> TransferTrial:
    """A handle that is nobody's is counted, so what is refused is kept."""
    given: tuple[Any, ...] = (order.from_account_id, order.to_handle, address_key(order.to_email))
    async with transaction("money") as session:
        tried = func.money.try_send(owner, *given, order.amount, order.currency).table_valued("refused", "fee")
        refused, fee = (await session.execute(select(tried))).one()
        if refused:
            raise refusal(refused)(keep=True)
    return TransferTrial(amount=order.amount, fee=fee, currency=order.currency)
