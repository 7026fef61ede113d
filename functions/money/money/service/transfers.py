"""Sending money, many times at once, and giving it back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import transaction
from common.idempotency import REPLAYED, Key
from common.models.money import Account, Entry, Transaction
from common.models.money_people import Claim
from money import gathering, ledger
from money.errors import TransferNotFound, refusal
from money.ledger import Outcome
from money.schemas.people import PersonRead
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
from money.standing import PEOPLE, SIDES

KINDS = ("transfer", "capture", "refund", "reversal", "claim", "return")


async def create(owner: UUID, key: Key, order: TransferCreate) -> tuple[TransferRead, bool]:
    """To an account. With whether it is an earlier request's doing. Its transaction is its own, shared with others of the same
    moment."""
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
    """With whom the transfer was sent to, if that was a person and not an account: the same in each of its rows."""
    return (
        select(
            SIDES.c.transaction_id,
            SIDES.c.account_id,
            SIDES.c.side,
            SIDES.c.amount,
            SIDES.c.currency,
            Account.owner_id,
            Entry.balance_after,
            Claim.sender_id,
            Claim.payer_account_id,
            Claim.recipient,
            Claim.amount.label("sent"),
            PEOPLE.c.display_name,
            PEOPLE.c.handle,
        )
        .join(Account, Account.id == SIDES.c.account_id)
        .join(Transaction, Transaction.id == SIDES.c.transaction_id)
        .outerjoin(Entry, (Entry.transaction_id == SIDES.c.transaction_id) & (Entry.account_id == SIDES.c.account_id))
        .outerjoin(Claim, Claim.transfer_id == func.coalesce(Transaction.original_id, Transaction.id))
        .outerjoin(PEOPLE, PEOPLE.c.id == Claim.sender_id)
        .where(SIDES.c.transaction_id.in_(transfer_ids))
    )


async def _sides(session: AsyncSession, transfer_id: UUID) -> list[Row[Any]]:
    return list(await session.execute(sides_of([transfer_id])))


def _side(sides: Sequence[Row[Any]], which: str) -> Row[Any] | None:
    """The person's. Artel's own account stands there where money waits for somebody, and beside it for the fee."""
    return next((side for side in sides if side.side == which and side.owner_id is not None), None)


def read_sides(found: Transaction, sides: Sequence[Row[Any]], owner: UUID) -> TransferRead:
    """The fee is on top for who sends, and taken out of it for who captures.

    Who has sent to a person sees no account of theirs: neither where it went nor, if they give it back, where that is from.
    """
    payer, payee = _side(sides, "debit"), _side(sides, "credit")
    mine = next((side for side in (payer, payee) if side is not None and side.owner_id == owner), None)
    if mine is None:
        raise TransferNotFound
    sent_by_me = mine.sender_id == owner and found.kind != "claim"
    amount, fee = _amount_and_fee(found.kind, payer, payee, mine)
    came_from = payer.account_id if payer else mine.payer_account_id
    return TransferRead(
        id=found.id,
        kind=found.kind,
        from_account_id=None if sent_by_me and mine is payee else came_from,
        to_account_id=None if payee is None or (sent_by_me and mine is payer) else payee.account_id,
        amount=amount,
        fee=fee,
        currency=mine.currency,
        description=found.description,
        balance_after=mine.balance_after,
        original_id=found.original_id,
        created_at=found.posted_at,
        recipient=(mine.recipient or None) if sent_by_me else None,
        sender=None if sent_by_me or mine is payer else _sender(mine),
    )


def _amount_and_fee(kind: str, payer: Row[Any] | None, payee: Row[Any] | None, mine: Row[Any]) -> tuple[int, int]:
    if payer is None or payee is None:  # the other side is what waits for somebody
        if kind == "return":
            return mine.amount, 0
        return mine.sent, mine.amount - mine.sent if kind == "transfer" else 0
    if kind == "transfer":
        return payee.amount, payer.amount - payee.amount if mine is payer else 0
    fee = payer.amount - payee.amount if kind == "capture" and mine is payee else 0
    return payer.amount, fee


def _sender(side: Row[Any]) -> PersonRead | None:
    """Of a transfer to a person who is told."""
    return PersonRead(display_name=side.display_name, handle=side.handle) if side.display_name is not None else None
