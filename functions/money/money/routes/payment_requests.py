from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.idempotency import IdempotencyKey
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from money.errors import (
    AccountClosed,
    AccountFrozen,
    AccountNotFound,
    BalanceTooLarge,
    CurrencyMismatch,
    InsufficientFunds,
    InvalidRequestExpiry,
    LimitExceeded,
    OnlyTheRequestedMayDecline,
    OnlyTheRequesterMayCancel,
    OwnPaymentRequest,
    PaymentRequestDecided,
    PaymentRequestExpired,
    PaymentRequestNotFound,
    RecipientNotFound,
    TooManyRequests,
)
from money.routes.access import KEYED, Reader, Writer, mark
from money.schemas.payment_requests import (
    Direction,
    PaymentRequestAccept,
    PaymentRequestCreate,
    PaymentRequestRead,
    RequestStatus,
)
from money.service import payment_requests

router = APIRouter(prefix="/payment-requests", responses=problems(Unauthorized, Forbidden))

_DECIDING = (*KEYED, PaymentRequestNotFound, PaymentRequestDecided, PaymentRequestExpired)


@router.post(
    "",
    status_code=201,
    responses=problems(
        *KEYED,
        AccountNotFound,
        AccountClosed,
        CurrencyMismatch,
        RecipientNotFound,
        InvalidRequestExpiry,
        TooManyRequests,
    ),
)
async def create_payment_request(
    order: PaymentRequestCreate, user: Writer, key: IdempotencyKey, session: DbSession, response: Response
) -> PaymentRequestRead:
    """Ask somebody for money: by handle, by address, or whoever has the link. Of an address the answer tells nothing."""
    request, outcome = await payment_requests.create(session, user.id, key, order)
    mark(response, replayed=outcome.replayed)
    return request


@router.get("", responses=problems(InvalidCursor))
async def list_payment_requests(
    user: Reader,
    session: DbSession,
    direction: Annotated[
        Direction | None, Query(description="Those that you made, or those that others make of you; absent: both.")
    ] = None,
    status: Annotated[RequestStatus | None, Query()] = None,
    cursor: CursorQuery = None,
    limit: Limit = 20,
) -> Page[PaymentRequestRead]:
    """Requests from you or to you, newest first."""
    return await payment_requests.list_all(session, user.id, direction, status, cursor, limit)


@router.get("/{request_id}", responses=problems(PaymentRequestNotFound))
async def read_payment_request(request_id: UUID, user: Reader, session: DbSession) -> PaymentRequestRead:
    """A request that you made, that is made of you, or that is for anybody."""
    return await payment_requests.read(session, user.id, request_id)


@router.post(
    "/{request_id}/accept",
    responses=problems(
        *_DECIDING,
        OwnPaymentRequest,
        AccountNotFound,
        AccountFrozen,
        AccountClosed,
        CurrencyMismatch,
        InsufficientFunds,
        BalanceTooLarge,
        LimitExceeded,
        RecipientNotFound,
    ),
)
async def accept_payment_request(
    request_id: UUID,
    order: PaymentRequestAccept,
    user: Writer,
    key: IdempotencyKey,
    session: DbSession,
    response: Response,
) -> PaymentRequestRead:
    """Pay it from one of your accounts. Of several who do so at once, one pays."""
    request, outcome = await payment_requests.accept(session, user.id, key, request_id, order)
    mark(response, replayed=outcome.replayed)
    return request


@router.post("/{request_id}/decline", responses=problems(*_DECIDING, OnlyTheRequestedMayDecline))
async def decline_payment_request(
    request_id: UUID, user: Writer, key: IdempotencyKey, session: DbSession, response: Response
) -> PaymentRequestRead:
    """Say no to a request that is made of you."""
    request, outcome = await payment_requests.decline(session, user.id, key, request_id)
    mark(response, replayed=outcome.replayed)
    return request


@router.post("/{request_id}/cancel", responses=problems(*_DECIDING, OnlyTheRequesterMayCancel))
async def cancel_payment_request(
    request_id: UUID, user: Writer, key: IdempotencyKey, session: DbSession, response: Response
) -> PaymentRequestRead:
    """Take back a request of yours."""
    request, outcome = await payment_requests.cancel(session, user.id, key, request_id)
    mark(response, replayed=outcome.replayed)
    return request
