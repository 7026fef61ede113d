"""All transfers of a person, newest first, out of the histories of their accounts.

There is no index of transfers by person: each account's history has its own order, and they are merged. What is looked at is
what is shown, or a bounded stretch of history where filters leave little of it; never the whole.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import AwareDatetime, Field
from sqlalchemy import Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from common.models.money import Account, Transaction
from common.pagination import Page, decode_cursor, encode_cursor
from money.errors import AccountNotFound
from money.schemas.transfers import TransferRead
from money.service.transfers import KINDS, read_sides, sides_of

_STRETCH = 1000
_MOST = 3000
"""Entries looked at for one page. Then it is given out as it is, with a cursor to go on from."""

# An entry's place in the merged order: when it was booked, then its account, then its number there. `top` and `bottom`: which
# numbers of each account are still to come; there is no gap among them, so they are counted and not searched. What goes from one of your accounts to another is shown once, where it leaves.
_ENTRIES = text("""
    WITH mine AS MATERIALIZED (
        SELECT
            a.id,
            least(
                CASE
                    WHEN CAST(:booked_at AS timestamptz) IS NULL THEN a.version
                    WHEN a.id = :account_id THEN CAST(:account_version AS bigint) - 1
                    WHEN a.id < :account_id THEN money.version_at(a.id, :booked_at)
                    ELSE money.version_at(a.id, CAST(:booked_at AS timestamptz) - interval '1 microsecond')
                END,
                CASE
                    WHEN CAST(:until AS timestamptz) IS NULL THEN a.version
                    ELSE money.version_at(a.id, CAST(:until AS timestamptz) - interval '1 microsecond')
                END
            ) AS top,
            CASE
                WHEN CAST(:since AS timestamptz) IS NULL THEN 0
                ELSE money.version_at(a.id, CAST(:since AS timestamptz) - interval '1 microsecond')
            END AS bottom
        FROM money.accounts AS a WHERE a.id = ANY (CAST(:accounts AS uuid []))
    ), newest AS MATERIALIZED (
        SELECT e.* FROM mine JOIN money.entries AS e
            ON e.account_id = mine.id AND e.account_version <= mine.top
            AND e.account_version > greatest(mine.bottom, mine.top - :most)
        ORDER BY e.booked_at DESC, e.account_id DESC, e.account_version DESC LIMIT :most
    )
    SELECT
        n.booked_at, n.account_id, n.account_version, n.transaction_id,
        t.kind = ANY (CAST(CAST(:kinds AS text []) AS money.transaction_kind []))
        AND (CAST(:side AS text) IS NULL OR n.side = CAST(:side AS money.side))
        AND (
            CAST(:description AS text) IS NULL OR position(
                casefold(CAST(:description AS text) COLLATE pg_unicode_fast)
                IN casefold(t.description COLLATE pg_unicode_fast)
            ) > 0
        )
        AND (
            CAST(:minimum AS bigint) IS NULL AND CAST(:maximum AS bigint) IS NULL
            OR CASE
                -- The fee is on the side where the amount, as shown, is not.
                WHEN t.sides > 2 AND n.side <> CASE t.kind WHEN 'transfer' THEN 'credit' ELSE 'debit' END::money.side THEN (
                    SELECT max(s.amount) FROM money.sides AS s JOIN money.accounts AS o ON o.id = s.account_id
                    WHERE s.transaction_id = n.transaction_id AND s.side <> n.side AND o.code LIKE 'fees:%' IS NOT true
                ) ELSE n.amount
            END BETWEEN coalesce(:minimum, 0) AND coalesce(:maximum, 9007199254740991)
        )
        AND NOT (
            -- Counted, because EXISTS may be planned as a look through everything that these accounts ever sent.
            :once AND n.side = 'credit' AND (
                SELECT count(*) FROM money.entries AS d
                WHERE d.transaction_id = n.transaction_id AND d.account_id = ANY (CAST(:accounts AS uuid []))
                    AND d.side = 'debit'
            ) > 0
        ) AS wanted
    FROM newest AS n
    CROSS JOIN LATERAL (SELECT * FROM money.transactions WHERE id = n.transaction_id OFFSET 0) AS t
    ORDER BY n.booked_at DESC, n.account_id DESC, n.account_version DESC""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """No `kinds`: all. `side`: debit for what went out, credit for what came in. `since` is part of the time, `until` is not."""

    account_id: UUID | None = None
    kinds: Sequence[str] = ()
    side: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    minimum: int | None = None
    maximum: int | None = None
    description: str | None = None


class _Position(NamedTuple):
    """Of an entry in the merged order; what comes after it is still to be shown."""

    booked_at: AwareDatetime
    account_id: UUID
    account_version: Annotated[int, Field(ge=1, lt=2**62)]


async def list_all(
    session: AsyncSession, owner: UUID, wanted: Wanted, cursor: str | None, limit: int
) -> Page[TransferRead]:
    accounts = await _accounts(session, owner, wanted.account_id)
    at: _Position | None = decode_cursor(cursor, _Position) if cursor else None
    found: list[Row[Any]] = []
    seen, stretch = 0, limit + 1
    while True:
        rows = await _look(session, accounts, wanted, at, stretch)
        found += [row for row in rows if row.wanted]
        if len(found) > limit:
            at = _position(found[limit - 1])
            break
        if len(rows) < stretch:
            at = None
            break
        at, seen, stretch = _position(rows[-1]), seen + stretch, _STRETCH
        if seen >= _MOST:
            break
    shown = [row.transaction_id for row in found[:limit]]
    return Page(items=await _read(session, owner, shown), next_cursor=encode_cursor(at) if at else None)


async def _accounts(session: AsyncSession, owner: UUID, only: UUID | None) -> list[UUID]:
    """With what they got, however short ago, in their histories."""
    query = select(Account.id, Account.hot).where(Account.owner_id == owner).order_by(Account.id)
    rows = (await session.execute(query.where(Account.id == only) if only else query)).all()
    if only and not rows:
        raise AccountNotFound
    for row in rows:
        if row.hot:
            await session.execute(select(func.money.fold_hot(row.id)))
    return [row.id for row in rows]


async def _look(
    session: AsyncSession, accounts: list[UUID], wanted: Wanted, at: _Position | None, most: int
) -> Sequence[Row[Any]]:
    place = at._asdict() if at else dict.fromkeys(_Position._fields)
    wishes = {name: value for name, value in asdict(wanted).items() if name not in ("account_id", "kinds")}
    values = {
        **place,
        **wishes,
        "accounts": accounts,
        "kinds": list(wanted.kinds or KINDS),
        "once": wanted.account_id is None and wanted.side is None,
        "most": most,
    }
    return (await session.execute(_ENTRIES, values)).all()


def _position(row: Row[Any]) -> _Position:
    return _Position(row.booked_at, row.account_id, row.account_version)


async def _read(session: AsyncSession, owner: UUID, ids: list[UUID]) -> list[TransferRead]:
    found = {each.id: each for each in await session.scalars(select(Transaction).where(Transaction.id.in_(ids)))}
    sides = defaultdict(list)
    for side in await session.execute(sides_of(ids)):
        sides[side.transaction_id].append(side)
    return [read_sides(found[each], sides[each], owner) for each in ids]
