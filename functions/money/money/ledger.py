"""The database's posting functions, one call each. What they refuse is an error here and stays stored there."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from money.errors import REFUSALS
from money.idempotency import Key
from money.schemas import AccountCreate, DepositCreate, TransferCreate

REPLAYED = {"Idempotent-Replayed": "true"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`id` is the new account's or transaction's. `replayed`: the effect is an earlier request's."""

    id: UUID
    replayed: bool


async def _call(session: AsyncSession, function: Any, *args: Any) -> Outcome:
    outcome: dict[str, Any] = (await session.execute(select(function(*args, type_=JSONB)))).scalar_one()
    replayed = bool(outcome.get("replayed"))
    refused = outcome.get("refused")
    if refused:
        # Kept: the refusal is the answer that this key gets from now on.
        raise REFUSALS[refused](headers=REPLAYED if replayed else None, keep=True)
    return Outcome(UUID(outcome.get("transaction_id") or outcome["account_id"]), replayed)


async def open_account(session: AsyncSession, owner: UUID, key: Key, order: AccountCreate) -> Outcome:
    fingerprint = key.fingerprint("open_account", order)
    return await _call(session, func.money.open_account, owner, key.value, fingerprint, order.currency, order.name)


async def deposit(session: AsyncSession, owner: UUID, key: Key, order: DepositCreate) -> Outcome:
    fingerprint = key.fingerprint("deposit", order)
    amount = (order.account_id, order.amount, order.currency)
    return await _call(session, func.money.deposit, owner, key.value, fingerprint, *amount)


async def transfer(session: AsyncSession, owner: UUID, key: Key, order: TransferCreate) -> Outcome:
    fingerprint = key.fingerprint("transfer", order)
    pair = (order.from_account_id, order.to_account_id, order.amount, order.currency, order.description)
    return await _call(session, func.money.transfer, owner, key.value, fingerprint, *pair)
