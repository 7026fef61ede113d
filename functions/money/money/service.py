"""What people do with money: open accounts, deposit, transfer. The ledger's rules themselves stand in the database."""

from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.money import Account, Entry, Transaction
from money import accounts, ledger
from money.errors import TransferNotFound
from money.idempotency import Key
from money.ledger import Outcome
from money.schemas import AccountCreate, AccountRead, DepositCreate, DepositRead, TransferCreate, TransferRead


async def open_account(
    session: AsyncSession, owner: UUID, key: Key, order: AccountCreate
) -> tuple[AccountRead, Outcome]:
    outcome = await ledger.open_account(session, owner, key, order)
    return await accounts.read(session, owner, outcome.id), outcome


async def deposit(session: AsyncSession, owner: UUID, key: Key, order: DepositCreate) -> tuple[DepositRead, Outcome]:
    outcome = await ledger.deposit(session, owner, key, order)
    transaction, sides = await _sides(session, outcome.id)
    credited = next(entry for entry, account in sides if account.owner_id == owner)
    read = DepositRead(
        id=transaction.id,
        account_id=credited.account_id,
        amount=credited.amount,
        currency=credited.currency,
        balance_after=credited.balance_after,
        created_at=transaction.posted_at,
    )
    return read, outcome


async def transfer(session: AsyncSession, owner: UUID, key: Key, order: TransferCreate) -> tuple[TransferRead, Outcome]:
    outcome = await ledger.transfer(session, owner, key, order)
    return await read_transfer(session, owner, outcome.id), outcome


async def read_transfer(session: AsyncSession, owner: UUID, transfer_id: UUID) -> TransferRead:
    """For either party; for anybody else it does not exist."""
    transaction, sides = await _sides(session, transfer_id)
    own = sorted((e for e, account in sides if account.owner_id == owner), key=lambda e: e.side, reverse=True)
    if transaction.kind != "transfer" or not own:
        raise TransferNotFound
    by_side = {entry.side: entry for entry, _ in sides}
    return TransferRead(
        id=transaction.id,
        from_account_id=by_side["debit"].account_id,
        to_account_id=by_side["credit"].account_id,
        amount=own[0].amount,
        currency=own[0].currency,
        description=transaction.description,
        balance_after=own[0].balance_after,  # "debit" sorts last, so the paying side comes first
        created_at=transaction.posted_at,
    )


async def _sides(session: AsyncSession, transaction_id: UUID) -> tuple[Transaction, list[Row[Entry, Account]]]:
    transaction = await session.get(Transaction, transaction_id)
    if transaction is None:
        raise TransferNotFound
    query = select(Entry, Account).join(Account, Account.id == Entry.account_id)
    rows = await session.execute(query.where(Entry.transaction_id == transaction_id))
    return transaction, list(rows)
