from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from common.db import DbSession
from common.errors import Forbidden, Unauthorized, problems
from common.pagination import CursorQuery, InvalidCursor, Limit, Page
from money.errors import AccountNotFound
from money.routes.access import Reader
from money.schemas.fields import MAX_AMOUNT, Description, Moment
from money.schemas.transfers import TransferKind, TransferRead
from money.service import transfer_list
from money.service.transfer_list import Wanted

router = APIRouter(prefix="/transfers", responses=problems(Unauthorized, Forbidden))

_SIDES = {"out": "debit", "in": "credit"}
_Amount = Annotated[int | None, Query(ge=0, le=MAX_AMOUNT, description="Minor units, inclusive.")]


def _wanted(
    account_id: Annotated[UUID | None, Query(description="Only of this account of yours.")] = None,
    kind: Annotated[list[TransferKind] | None, Query(description="May be given several times.")] = None,
    direction: Annotated[Literal["in", "out"] | None, Query()] = None,
    since: Annotated[Moment | None, Query(alias="from", description="With a time zone; inclusive.")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="With a time zone; exclusive.")] = None,
    min_amount: _Amount = None,
    max_amount: _Amount = None,
    description: Annotated[
        Description | None, Query(description="Is in the description, in small or capitals.")
    ] = None,
) -> Wanted:
    return Wanted(
        account_id=account_id,
        kinds=kind or (),
        side=_SIDES[direction] if direction else None,
        since=since,
        until=until,
        minimum=min_amount,
        maximum=max_amount,
        description=description or None,
    )


@router.get("", responses=problems(AccountNotFound, InvalidCursor))
async def list_transfers(
    wanted: Annotated[Wanted, Depends(_wanted)],
    user: Reader,
    session: DbSession,
    cursor: CursorQuery = None,
    limit: Limit = 20,
) -> Page[TransferRead]:
    """Transfers from and to your accounts, newest first, in the order in which your accounts got them.

    Filters that leave little may make a page short, or empty, while there is a `next_cursor`: go on from there.
    """
    return await transfer_list.list_all(session, user.id, wanted, cursor, limit)
