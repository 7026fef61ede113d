from uuid import UUID

from fastapi import APIRouter, Response

from common.db import DbSession
from common.errors import AppError, Forbidden, Unauthorized, problems
from common.idempotency import IdempotencyKey
from money.errors import (
    AccountClosed,
    AccountFrozen,
    AccountNotFound,
    AlreadyRefunded,
    AlreadyReversed,
    BalanceTooLarge,
    CurrencyMismatch,
    InsufficientFunds,
    LimitExceeded,
    RecipientNotFound,
    RefundTooLarge,
    SameAccount,
    TooManyRequests,
    TransferNotFound,
)
from money.routes.access import KEYED, Reader, Writer, mark
from money.schemas.transfers import (
    BatchCreate,
    BatchRead,
    RefundCreate,
    ReversalCreate,
    TransferCreate,
    TransferRead,
    TransferTrial,
)
from money.service import sending, transfers

router = APIRouter(prefix="/transfers", responses=problems(Unauthorized, Forbidden))

_MOVING: tuple[type[AppError], ...] = (
    *KEYED,
    AccountNotFound,
    AccountFrozen,
    AccountClosed,
    CurrencyMismatch,
    InsufficientFunds,
    BalanceTooLarge,
)


@router.post(
    "",
    status_code=201,
    responses=problems(*_MOVING, RecipientNotFound, SameAccount, LimitExceeded, TooManyRequests),
)
async def create_transfer(
    order: TransferCreate, user: Writer, key: IdempotencyKey, response: Response
) -> TransferRead | TransferTrial:
    """Move money from one of your accounts to any other account of the same currency, or to a person.

    A handle is public. Of an address you learn nothing: the answer is the same whether or not somebody has shown that it is
    theirs. Until somebody does, the money waits; after 30 days it comes back. A trial (`dry_run`) moves none.
    """
    if order.dry_run:
        response.status_code = 200
    if order.to_account_id is None:
        return await _send(user.id, key, order, response)
    if order.dry_run:
        return await transfers.attempt(user.id, order)
    transfer, replayed = await transfers.create(user.id, key, order)
    mark(response, replayed=replayed)
    return transfer


async def _send(
    owner: UUID, key: IdempotencyKey, order: TransferCreate, response: Response
) -> TransferRead | TransferTrial:
    if order.dry_run:
        return await sending.attempt(owner, order)
    transfer, outcome = await sending.create(owner, key, order)
    mark(response, replayed=outcome.replayed)
    return transfer


@router.post("/batch", status_code=201, responses=problems(*KEYED))
async def create_batch(
    order: BatchCreate, user: Writer, key: IdempotencyKey, session: DbSession, response: Response
) -> BatchRead:
    """Up to 1,000 transfers in one request, all or none of them (`atomic`), or each that can be made."""
    batch, outcome = await transfers.create_batch(session, user.id, key, order)
    mark(response, replayed=outcome.replayed)
    return batch


@router.get("/{transfer_id}", responses=problems(TransferNotFound))
async def read_transfer(transfer_id: UUID, user: Reader, session: DbSession) -> TransferRead:
    """A transfer from or to one of your accounts."""
    return await transfers.read(session, user.id, transfer_id)


@router.post(
    "/{transfer_id}/refunds",
    status_code=201,
    responses=problems(*_MOVING, TransferNotFound, AlreadyReversed, RefundTooLarge),
)
async def refund_transfer(
    transfer_id: UUID, order: RefundCreate, user: Writer, key: IdempotencyKey, session: DbSession, response: Response
) -> TransferRead:
    """Give back a part or all of what you were sent. A fee that its sender paid stays paid."""
    transfer, outcome = await transfers.refund(session, user.id, key, transfer_id, order)
    mark(response, replayed=outcome.replayed)
    return transfer


@router.post(
    "/{transfer_id}/reverse",
    status_code=201,
    responses=problems(*_MOVING, TransferNotFound, AlreadyReversed, AlreadyRefunded),
)
async def reverse_transfer(
    transfer_id: UUID, order: ReversalCreate, user: Writer, key: IdempotencyKey, session: DbSession, response: Response
) -> TransferRead:
    """Undo a transfer that you were sent, with its fee."""
    transfer, outcome = await transfers.reverse(session, user.id, key, transfer_id, order)
    mark(response, replayed=outcome.replayed)
    return transfer
