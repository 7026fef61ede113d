from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.money import Entry
from money import ledger
from money.idempotency import Key
from money.ledger import Outcome
from money.schemas.deposits import DepositCreate, DepositRead


async def deposit(session: AsyncSession, owner: UUID, key: Key, order: DepositCreate) -> tuple[DepositRead, Outcome]:
    request = key.request(owner, "deposit", order)
    outcome = await ledger.call(session, "deposit", request, order.account_id, order.amount, order.currency)
    transaction_id = outcome.id("transaction_id")
    await session.execute(select(func.money.fold_hot(order.account_id)))
    entry = (
        await session.scalars(
            select(Entry).where(Entry.transaction_id == transaction_id, Entry.account_id == order.account_id)
        )
    ).one()
    read = DepositRead(
        id=transaction_id,
        account_id=entry.account_id,
        amount=entry.amount,
        currency=entry.currency,
        balance_after=entry.balance_after,
        created_at=entry.booked_at,
    )
    return read, outcome
