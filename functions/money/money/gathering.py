"""Transfers that one process is asked for at the same moment are posted in one call, each under its own key.

The call is a statement of its own, committed before any of them is answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from common.db import autocommit
from common.gathering import Gathered
from common.idempotency import Request
from money.ledger import in_progress
from money.schemas.transfers import TransferCreate

_ALONE = "SELECT * FROM money.transfer(%s, %s, %s, %s, %s, %s::bigint, %s, %s)"
_TOGETHER = """SELECT transaction_id, refused, replayed, fee, balance_after, posted_at FROM money.transfer(
    %s::uuid[], %s::text[], %s::bytea[], %s::uuid[], %s::uuid[], %s::bigint[], %s::text[], %s::text[])"""
_MOST = 100
_AT_ONCE = 2
"""Calls under way. While one waits for its commit to reach the disk, the other works."""


@dataclass(frozen=True, slots=True)
class Posted:
    """`refused` is an error's code; then there is no transaction. `balance_after` is the payer's."""

    transaction_id: UUID
    refused: str | None
    replayed: bool
    fee: int
    balance_after: int
    posted_at: datetime


type _Order = tuple[Request, TransferCreate]


def _columns(request: Request, order: TransferCreate) -> tuple[object, ...]:
    return (
        request.principal,
        request.key,
        request.fingerprint,
        order.from_account_id,
        order.to_account_id,
        order.amount,
        order.currency,
        order.description,
    )


async def _post(orders: Sequence[_Order]) -> Sequence[Posted]:
    rows = [_columns(*order) for order in orders]
    async with autocommit("money") as connection:
        if len(rows) == 1:
            with in_progress():
                found = await connection.exec_driver_sql(_ALONE, rows[0])
        else:
            found = await connection.exec_driver_sql(
                _TOGETHER, tuple(list(column) for column in zip(*rows, strict=True))
            )
        return [Posted(**row) for row in found.mappings()]


@cache
def _gathered() -> Gathered[_Order, Posted]:
    return Gathered(_post, most=_MOST, at_once=_AT_ONCE)


async def post(request: Request, order: TransferCreate) -> Posted:
    return await _gathered()((request, order))
