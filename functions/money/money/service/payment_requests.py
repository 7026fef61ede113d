"""Requests for payment: asking, and answering. Who is not asked, and did not ask, does not learn that there is one."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.idempotency import Key
from common.models.money_people import PaymentRequest
from common.pagination import Page, decode_cursor, page
from money import ledger
from money.errors import PaymentRequestNotFound
from money.ledger import Outcome
from money.schemas.payment_requests import (
    Direction,
    PaymentRequestAccept,
    PaymentRequestCreate,
    PaymentRequestRead,
    RequestStatus,
)
from money.schemas.people import PersonRead
from money.service.sending import address_key
from money.standing import PEOPLE

_OVER = (PaymentRequest.status == "open") & (PaymentRequest.expires_at <= func.clock_timestamp())
_status: ColumnElement[str] = case((_OVER, "expired"), else_=PaymentRequest.status)

type _Row = Row[Any]


async def create(
    session: AsyncSession, owner: UUID, key: Key, order: PaymentRequestCreate
) -> tuple[PaymentRequestRead, Outcome]:
    request = key.request(owner, "payment_request", order)
    whom = (order.recipient or "", order.to_handle, address_key(order.to_email))
    what = (order.amount, order.currency, order.note, order.expires_at)
    outcome = await ledger.call(session, "request_payment", request, order.account_id, *whom, *what)
    return await read(session, owner, outcome.id("payment_request_id")), outcome


async def accept(
    session: AsyncSession, owner: UUID, key: Key, request_id: UUID, order: PaymentRequestAccept
) -> tuple[PaymentRequestRead, Outcome]:
    request = key.request(owner, "accept_payment_request", request_id, order)
    outcome = await ledger.call(session, "accept_request", request, request_id, order.from_account_id)
    return await read(session, owner, request_id), outcome


async def decline(session: AsyncSession, owner: UUID, key: Key, request_id: UUID) -> tuple[PaymentRequestRead, Outcome]:
    return await _close(session, owner, key, request_id, "declined")


async def cancel(session: AsyncSession, owner: UUID, key: Key, request_id: UUID) -> tuple[PaymentRequestRead, Outcome]:
    return await _close(session, owner, key, request_id, "canceled")


async def _close(
    session: AsyncSession, owner: UUID, key: Key, request_id: UUID, status: str
) -> tuple[PaymentRequestRead, Outcome]:
    request = key.request(owner, f"{status}_payment_request", request_id)
    outcome = await ledger.call(session, "close_request", request, request_id, status)
    return await read(session, owner, request_id), outcome


def _query() -> Select[Any]:
    return select(PaymentRequest, _status.label("status"), PEOPLE.c.display_name, PEOPLE.c.handle).outerjoin(
        PEOPLE, PEOPLE.c.id == PaymentRequest.requester_id
    )


async def _received(session: AsyncSession, owner: UUID) -> ColumnElement[bool]:
    """What they are asked by name, and what they have paid without that."""
    theirs = [PaymentRequest.person_id == owner, PaymentRequest.payer_id == owner]
    address: bytes | None = await session.scalar(select(func.identity.address_of(owner)))
    if address is not None:
        theirs.append(PaymentRequest.email_hash == address)
    return or_(*theirs)


async def read(session: AsyncSession, owner: UUID, request_id: UUID) -> PaymentRequestRead:
    """For who asks, who is asked, and of one that is for anybody, whoever knows its id."""
    anybody = and_(PaymentRequest.person_id.is_(None), PaymentRequest.email_hash.is_(None))
    visible = or_(PaymentRequest.requester_id == owner, await _received(session, owner), anybody)
    query = _query().where(PaymentRequest.id == request_id, visible).execution_options(populate_existing=True)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise PaymentRequestNotFound
    return _read(row, owner)


async def list_all(
    session: AsyncSession,
    owner: UUID,
    direction: Direction | None,
    status: RequestStatus | None,
    cursor: str | None,
    limit: int,
) -> Page[PaymentRequestRead]:
    """Newest first."""
    sent = PaymentRequest.requester_id == owner
    received = and_(PaymentRequest.requester_id != owner, await _received(session, owner))
    wanted = {"sent": [sent], "received": [received], None: [sent, received]}[direction]
    query = _query().where(or_(*wanted)).order_by(PaymentRequest.id.desc()).limit(limit + 1)
    if status is not None:
        query = query.where(_status == status)
    if cursor:
        (before,) = decode_cursor(cursor, tuple[UUID])
        query = query.where(PaymentRequest.id < before)
    rows = (await session.execute(query)).all()
    return page(rows, limit, lambda row: _read(row, owner), lambda row: [row.PaymentRequest.id])


def _read(row: _Row, owner: UUID) -> PaymentRequestRead:
    request: PaymentRequest = row.PaymentRequest
    mine = request.requester_id == owner
    return PaymentRequestRead(
        id=request.id,
        direction="sent" if mine else "received",
        requester=PersonRead(display_name=row.display_name or "", handle=row.handle),
        account_id=request.account_id if mine else None,
        recipient=(request.recipient or None) if mine else None,
        amount=request.amount,
        currency=request.currency,
        note=request.note,
        status=row.status,
        transfer_id=request.transfer_id if owner in (request.requester_id, request.payer_id) else None,
        created_at=request.created_at,
        expires_at=request.expires_at,
        decided_at=request.decided_at,
    )
