"""Reading accounts and their history. Only your own: somebody else's account is as if absent."""

from uuid import UUID

from sqlalchemy import Row, Select, and_, case, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from common.models.money import Account, Currency, Entry, Transaction
from common.pagination import Page, decode_cursor, page
from money.errors import AccountNotFound
from money.schemas import AccountRead, EntryRead

_BALANCE = case(
    (Account.normal_side == "credit", Account.credits - Account.debits), else_=Account.debits - Account.credits
)
_Account = Row[Account, int, int]


def _select(owner: UUID) -> Select[Account, int, int]:
    return (
        select(Account, Currency.exponent, _BALANCE.label("balance"))
        .join(Currency, Currency.code == Account.currency)
        .where(Account.owner_id == owner)
    )


def _read(row: _Account) -> AccountRead:
    account, exponent, balance = row
    return AccountRead(
        id=account.id,
        name=account.name,
        currency=account.currency,
        exponent=exponent,
        balance=balance,
        available=balance - account.held + (account.overdraft or 0),
        created_at=account.created_at,
    )


async def read(session: AsyncSession, owner: UUID, account_id: UUID) -> AccountRead:
    row = (await session.execute(_select(owner).where(Account.id == account_id))).one_or_none()
    if row is None:
        raise AccountNotFound
    return _read(row)


async def list_all(session: AsyncSession, owner: UUID) -> list[AccountRead]:
    """In the order they were opened."""
    rows = await session.execute(_select(owner).order_by(Account.id))
    return [_read(row) for row in rows]


async def history(
    session: AsyncSession, owner: UUID, account_id: UUID, cursor: str | None, limit: int
) -> Page[EntryRead]:
    """Newest first."""
    account = await read(session, owner, account_id)
    other_entry, other_account = aliased(Entry), aliased(Account)
    query = (
        select(Entry, Transaction, other_account.id.label("counterparty"))
        .join(Transaction, Transaction.id == Entry.transaction_id)
        .join(
            other_entry,
            and_(other_entry.transaction_id == Entry.transaction_id, other_entry.account_id != Entry.account_id),
        )
        .outerjoin(other_account, and_(other_account.id == other_entry.account_id, other_account.owner_id.is_not(None)))
        .where(Entry.account_id == account.id)
        .order_by(Entry.account_version.desc())
        .limit(limit + 1)
    )
    if cursor:
        (version,) = decode_cursor(cursor, tuple[int])
        query = query.where(Entry.account_version < version)
    rows = (await session.execute(query)).all()
    return page(rows, limit, _entry, lambda row: [row.Entry.account_version])


def _entry(row: Row[Entry, Transaction, UUID]) -> EntryRead:
    entry, transaction, counterparty = row
    return EntryRead(
        id=str(entry.account_version),
        transaction_id=transaction.id,
        kind="deposit" if transaction.kind == "deposit" else "transfer",
        amount=entry.amount if entry.side == "credit" else -entry.amount,
        balance_after=entry.balance_after,
        counterparty_account_id=counterparty,
        description=transaction.description,
        created_at=transaction.posted_at,
    )
