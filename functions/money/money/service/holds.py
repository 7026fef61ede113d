"""Promising money, and what becomes of the promise."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Row, Select, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from common.idempotency import Key
from common.models.money import Account
from common.models.money_holds import Hold, HoldResolution
from common.pagination import Page, decode_cursor, page
from money import ledger
from money.errors import HoldNotFound, InvalidExpiry
from money.ledger import Outcome
from money.schemas.holds import CaptureCreate, HoldCreate, HoldRead

_USUAL = timedelta(days=7)
_LONGEST = timedelta(days=366)

# Made once: an alias copies all columns of its table, which took longer than the query.
_PAYER, _PAYEE = aliased(Account), aliased(Account)
_STATUS = func.coalesce(
    HoldResolution.kind, case((Hold.expires_at <= func.clock_timestamp(), "expired"), else_="held")
).label("status")
_HOLDS = (
    select(Hold, HoldResolution, _STATUS, _PAYEE.owner_id.label("payee"))
    .outerjoin(HoldResolution, HoldResolution.hold_id == Hold.id)
    .join(_PAYER, _PAYER.id == Hold.account_id)
    .join(_PAYEE, _PAYEE.id == Hold.payee_account_id)
)


async def create(session: AsyncSession, owner: UUID, key: Key, order: HoldCreate) -> tuple[HoldRead, Outcome]:
    now = datetime.now(UTC)
    expires_at = order.expires_at or now + _USUAL
    if not now < expires_at <= now + _LONGEST:
        raise InvalidExpiry
    outcome = await ledger.call(
        session,
        "hold",
        key.request(owner, "hold", order),
        order.account_id,
        order.payee_account_id,
        order.amount,
        order.currency,
        order.description,
        expires_at,
    )
    return await read(session, owner, outcome.id("hold_id")), outcome


async def capture(
    session: AsyncSession, owner: UUID, key: Key, hold_id: UUID, order: CaptureCreate
) -> tuple[HoldRead, Outcome]:
    request = key.request(owner, "capture", hold_id, order)
    outcome = await ledger.call(session, "capture", request, hold_id, order.amount)
    return await read(session, owner, hold_id), outcome


async def void(session: AsyncSession, owner: UUID, key: Key, hold_id: UUID) -> tuple[HoldRead, Outcome]:
    outcome = await ledger.call(session, "void", key.request(owner, "void", hold_id), hold_id)
    return await read(session, owner, hold_id), outcome


def _visible(owner: UUID) -> Select[Hold, HoldResolution, str, UUID | None]:
    return _HOLDS.where(or_(_PAYER.owner_id == owner, _PAYEE.owner_id == owner))


async def read(session: AsyncSession, owner: UUID, hold_id: UUID) -> HoldRead:
    row = (await session.execute(_visible(owner).where(Hold.id == hold_id))).one_or_none()
    if row is None:
        raise HoldNotFound
    return _read(row)


async def list_all(
    session: AsyncSession, owner: UUID, account_id: UUID | None, cursor: str | None, limit: int
) -> Page[HoldRead]:
    """Newest first: on your accounts and in favour of them."""
    query = _visible(owner).order_by(Hold.id.desc()).limit(limit + 1)
    if account_id:
        query = query.where(or_(Hold.account_id == account_id, Hold.payee_account_id == account_id))
    if cursor:
        (before,) = decode_cursor(cursor, tuple[UUID])
        query = query.where(Hold.id < before)
    rows = (await session.execute(query)).all()
    return page(rows, limit, _read, lambda row: [row.Hold.id])


def _read(row: Row[Hold, HoldResolution, str, UUID | None]) -> HoldRead:
    hold, resolution = row.Hold, row.HoldResolution
    return HoldRead(
        id=hold.id,
        account_id=hold.account_id,
        payee_account_id=hold.payee_account_id if row.payee else None,
        amount=hold.amount,
        captured=resolution.amount if resolution else 0,
        currency=hold.currency,
        description=hold.description,
        status=row.status,
        transfer_id=resolution.transaction_id if resolution else None,
        created_at=hold.created_at,
        expires_at=hold.expires_at,
        resolved_at=resolution.resolved_at if resolution else None,
    )
