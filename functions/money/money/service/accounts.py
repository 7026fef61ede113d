"""Accounts and their history. Only your own: somebody else's account is as if absent."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Text, case, cast, func, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from common.idempotency import Key
from common.models.money import ACCOUNT_STATUS, Account, Entry, Transaction
from common.models.money_people import Claim
from common.pagination import Page, Position, decode_cursor, page
from money import ledger
from money.errors import AccountNotFound, refusal
from money.ledger import Outcome
from money.schemas.accounts import AccountCreate, AccountRead, AccountUpdate, BalanceAt, EntryRead
from money.standing import SIDES, STANDING

# Entries with their transaction and the person's account on the other side, if there is one, newest first. Who has sent to a
# person sees whom they named and never an account, neither when it went nor when it came back. Made once: an alias copies all
# columns of its table, which took longer than the query.
_SIDE, _OTHER = SIDES.alias(), aliased(Account)
_AGAINST = (
    select(_OTHER.id.label("counterparty"))
    .select_from(_SIDE)
    .join(_OTHER, _OTHER.id == _SIDE.c.account_id)
    .where(
        _SIDE.c.transaction_id == Entry.transaction_id,
        _SIDE.c.account_id != Entry.account_id,
        _SIDE.c.currency == Entry.currency,
        cast(_SIDE.c.side, Text) != cast(Entry.side, Text),
        _OTHER.owner_id.is_not(None),
    )
    .limit(1)
    .lateral()
)
_SENT_BY_NAME = Claim.payer_account_id == Entry.account_id
ENTRIES = (
    select(
        Entry,
        Transaction,
        case((_SENT_BY_NAME, None), else_=_AGAINST.c.counterparty).label("counterparty"),
        case((_SENT_BY_NAME, func.nullif(Claim.recipient, ""))).label("recipient"),
    )
    .join(Transaction, Transaction.id == Entry.transaction_id)
    .outerjoin(Claim, Claim.transfer_id == func.coalesce(Transaction.original_id, Transaction.id))
    .outerjoin(_AGAINST, true())
    .order_by(Entry.account_version.desc())
)


_FOLD = text("SELECT money.fold_hot(:account)")


async def open_account(
    session: AsyncSession, owner: UUID, key: Key, order: AccountCreate
) -> tuple[AccountRead, Outcome]:
    request = key.request(owner, "open_account", order)
    outcome = await ledger.call(session, "open_account", request, order.currency, order.name)
    return await read(session, owner, outcome.id("account_id")), outcome


def _read(row: Row[Any]) -> AccountRead:
    return AccountRead(
        id=row.id,
        name=row.name,
        currency=row.currency,
        exponent=row.exponent,
        balance=row.balance,
        held=row.really_held,
        available=row.balance - row.really_held + row.overdraft,
        overdraft=row.overdraft,
        status=row.status,
        created_at=row.created_at,
    )


def _of(owner: UUID) -> Select[Any]:
    return select(STANDING).where(STANDING.c.owner_id == owner)


async def read(session: AsyncSession, owner: UUID, account_id: UUID) -> AccountRead:
    row = (await session.execute(_of(owner).where(STANDING.c.id == account_id))).one_or_none()
    if row is None:
        raise AccountNotFound
    return _read(row)


async def list_all(session: AsyncSession, owner: UUID) -> list[AccountRead]:
    """In the order they were opened."""
    rows = await session.execute(_of(owner).order_by(STANDING.c.id))
    return [_read(row) for row in rows]


async def rename(session: AsyncSession, owner: UUID, account_id: UUID, change: AccountUpdate) -> AccountRead:
    await session.execute(select(func.money.rename_account(owner, account_id, change.name)))
    return await read(session, owner, account_id)


async def close(session: AsyncSession, owner: UUID, account_id: UUID) -> AccountRead:
    refused = await session.scalar(
        select(func.money.set_status(owner, owner, account_id, cast("closed", ACCOUNT_STATUS), ""))
    )
    if refused is not None:
        raise refusal(refused)
    return await read(session, owner, account_id)


async def balance_at(session: AsyncSession, owner: UUID, account_id: UUID, moment: datetime) -> BalanceAt:
    account = await read(session, owner, account_id)
    await session.execute(_FOLD, {"account": account_id})
    version = func.money.version_at(account_id, moment)
    found = select(Entry.balance_after).where(Entry.account_id == account_id, Entry.account_version == version)
    balance = await session.scalar(found) or 0
    return BalanceAt(
        account_id=account_id, at=moment, balance=balance, currency=account.currency, exponent=account.exponent
    )


async def history(
    session: AsyncSession, owner: UUID, account_id: UUID, cursor: str | None, limit: int
) -> Page[EntryRead]:
    """Newest first."""
    await read(session, owner, account_id)
    await session.execute(_FOLD, {"account": account_id})
    query = ENTRIES.where(Entry.account_id == account_id).limit(limit + 1)
    if cursor:
        (version,) = decode_cursor(cursor, tuple[Position])
        query = query.where(Entry.account_version < version)
    rows = (await session.execute(query)).all()
    return page(rows, limit, entry, lambda row: [row.Entry.account_version])


def entry(row: Row[Any]) -> EntryRead:
    line, transaction = row.Entry, row.Transaction
    return EntryRead(
        id=str(line.account_version),
        transaction_id=transaction.id,
        kind=transaction.kind,
        amount=line.amount if line.side == "credit" else -line.amount,
        balance_after=line.balance_after,
        counterparty_account_id=row.counterparty,
        description=transaction.description,
        created_at=transaction.posted_at,
        recipient=row.recipient,
    )
