"""Sending money, many times at once, and giving it back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import transaction
from common.models.money import Account, Entry, Transaction
from money import gathering, ledger
from money.errors import TransferNotFound, refusal
from money.idempotency import Key
from money.ledger import REPLAYED, Outcome
from money.schemas.transfers import (
    BatchCreate,
    BatchRead,
    BatchResult,
    RefundCreate,
    ReversalCreate,
    TransferCreate,
    TransferRead,
    TransferTrial,
)
from money.standing import SIDES

KINDS = ("transfer", "capture", "refund", "reversal", "claim", "return")


async def create(owner: UUID, key: Key, order: TransferCreate) -> tuple[TransferRead, bool]:
    """With whether it is an earlier request's doing. Its transaction is its own, shared with others of the same moment."""
    posted = await gathering.post(key.request(owner, "transfer", order), order)
    if posted.refused:
        raise refusal(posted.refused)(headers=REPLAYED if posted.replayed else None)
    read = TransferRead(
        id=posted.transaction_id,
        kind="transfer",
        from_account_id=order.from_account_id,
        to_account_id=order.to_account_id,
        amount=order.amount,
        fee=posted.fee,
        currency=order.currency,
        description=order.description,
        balance_after=posted.balance_after,
        original_id=None,
        created_at=posted.posted_at,
    )
    return read, posted.replayed


async def attempt(owner: UUID, order: TransferCreate) -> TransferTrial:
    async with transaction("money") as session:
        tried = func.money.try_transfer(
            owner, order.from_account_id, order.to_account_id, order.amount, order.currency
        ).table_valued("refused", "fee")
        refused, fee = (await session.execute(select(tried))).one()
    if refused:
        raise refusal(refused)
    return TransferTrial(amount=order.amount, fee=fee, currency=order.currency)


async def create_batch(session: AsyncSession, owner: UUID, key: Key, order: BatchCreate) -> tuple[BatchRead, Outcome]:
    items = order.transfers
    outcome = await ledger.call(
        session,
        "transfer_batch",
        key.request(owner, "transfer_batch", order),
        [item.from_account_id for item in items],
        [item.to_account_id for item in items],
        [item.amount for item in items],
        [item.currency for item in items],
        [item.description for item in items],
        order.atomic,
    )
    results = [
        BatchResult(transfer_id=item.get("transaction_id"), refused=item.get("refused"))
        for item in outcome.data["items"]
    ]
    read = BatchRead(
        atomic=order.atomic,
        posted=sum(result.transfer_id is not None for result in results),
        refused=sum(result.refused is not None for result in results),
        results=results,
    )
    return read, outcome


async def refund(
    session: AsyncSession, owner: UUID, key: Key, transfer_id: UUID, order: RefundCreate
) -> tuple[TransferRead, Outcome]:
    request = key.request(owner, "refund", transfer_id, order)
    outcome = await ledger.call(session, "refund", request, transfer_id, order.amount, order.description)
    return await read(session, owner, outcome.id("transaction_id")), outcome


async def reverse(
    session: AsyncSession, owner: UUID, key: Key, transfer_id: UUID, order: ReversalCreate
) -> tuple[TransferRead, Outcome]:
    request = key.request(owner, "reverse", transfer_id, order)
    outcome = await ledger.call(session, "reverse", request, transfer_id, order.description)
    return await read(session, owner, outcome.id("transaction_id")), outcome


async def read(session: AsyncSession, owner: UUID, transfer_id: UUID) -> TransferRead:
    """For either party; for anybody else it does not exist."""
    found = await session.get(Transaction, transfer_id)
    if found is None or found.kind not in KINDS:
        raise TransferNotFound
    sides = await _sides(session, transfer_id)
    unplaced = [side for side in sides if side.owner_id == owner and side.balance_after is None]
    for side in unplaced:
        await session.execute(select(func.money.fold_hot(side.account_id)))
    return read_sides(found, await _sides(session, transfer_id) if unplaced else sides, owner)


def sides_of(transfer_ids: Sequence[UUID]) -> Select[Any]:
    return (
        select(
            SIDES.c.transaction_id,
            SIDES.c.account_id,
            SIDES.c.side,
            SIDES.c.amount,
            SIDES.c.currency,
            Account.owner_id,
            Entry.balance_after,
        )
        .join(Account, Account.id == SIDES.c.account_id)
        .outerjoin(Entry, (Entry.transaction_id == SIDES.c.transaction_id) & (Entry.account_id == SIDES.c.account_id))
        .where(SIDES.c.transaction_id.in_(transfer_ids))
    )


async def _sides(session: AsyncSession, transfer_id: UUID) -> list[Row[Any]]:
    return list(await session.execute(sides_of([transfer_id])))


def read_sides(found: Transaction, sides: list[Row[Any]], owner: UUID) -> TransferRead:
    """The fee is on top for who sends, and taken out of it for who captures."""
    if not any(side.owner_id == owner for side in sides):
        raise TransferNotFound
    payer = next(side for side in sides if side.side == "debit" and side.owner_id is not None)
    payee = next(side for side in sides if side.side == "credit" and side.owner_id is not None)
    mine, fee = (payer, payer.amount - payee.amount) if payer.owner_id == owner else (payee, 0)
    if found.kind == "capture":
        fee = payer.amount - payee.amount if payee.owner_id == owner else 0
    return TransferRead(
        id=found.id,
        kind=found.kind,
        from_account_id=payer.account_id,
        to_account_id=payee.account_id,
        amount=payee.amount if found.kind == "transfer" else payer.amount,
        fee=fee if found.kind in ("transfer", "capture") else 0,
        currency=payer.currency,
        description=found.description,
        balance_after=mine.balance_after,
        original_id=found.original_id,
        created_at=found.posted_at,
    )
